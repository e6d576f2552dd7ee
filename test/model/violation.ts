/** The rules that must hold in every schedule. */
export const RULES = [
  'one redemption wins',
  'a receipt never changes',
  'only the redeemer gets the file again',
  'a file is reissued at most three times',
  'a reissue delivers the same version',
  'a second chance ends in time',
  'no link is spent without a file',
  'an ended token opens nothing',
  'only minting writes a record',
  'a finished stream frees its slot',
  'a record has one token',
  'repeated requests get the same links',
  'a link is redeemed only from its networks',
  'a link allows at most five attempts',
  'no file is delivered without the right code',
  'a streamed link yields no URL',
  'only the proxy gets proxied files',
  'a losing function closes its file',
  'viewing a link writes nothing',
  'no e-mail is sent for an ended token',
  'an API link is mailed once',
  'notices report only redemptions',
  'every response is correct',
  'the winner learns that it won',
  'the tables agree',
  'nothing stored opens a file',
  'nothing fails without a fault',
  'only approved versions are published',
  'published bytes match their declaration',
  'a pinned version never changes',
  'an ended upload stays ended',
  'threats end an upload',
  'no write is lost',
  'no version is pinned after its session has ended',
  'a finalized upload does not time out',
  'tenants reach only their own uploads',
  'every open session has its own slot',
  'an ended upload frees its slot',
  'every upload ends or waits for an operator',
  'only published objects remain in S3',
  'the history has every step',
  'no event is lost',
  'events report only facts',
  'a repeated event is identical',
] as const;

export type Rule = (typeof RULES)[number];

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly rule: Rule;

  constructor(rule: Rule, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}
