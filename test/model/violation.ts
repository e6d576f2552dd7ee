/** The rules that hold at every moment of every schedule. */
export const RULES = [
  'one redemption wins',
  'a receipt never changes',
  'only the redeemer gets a file again',
  'a file is handed out again at most three times',
  'a reissue hands out the same version',
  'a second chance ends in time',
  'nothing is spent without a file',
  'an ended token opens nothing',
  'only its request writes a record',
  'a finished stream frees its slot',
  'a record has one token',
  'repetitions get the same links',
  'a link is redeemed only from its networks',
  'at most five codes',
  'no file without the right code',
  'a streamed link yields no URL',
  'only the proxy gets proxied files',
  'a loser closes its file',
  'looking at a link writes nothing',
  'no mail is sent for an ended token',
  'an API link is mailed once',
  'notices report only redemptions',
  'every answer is true',
  'the winner gets its answer',
  'the tables agree',
  'nothing stored opens a file',
  'nothing fails without a fault',
  'only approved versions are published',
  'published bytes are as declared',
  'a pinned version never changes',
  'an ended upload stays ended',
  'threats end an upload',
  'no write is lost',
  'no version is pinned after its session',
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
