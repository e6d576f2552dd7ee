/** The rules that hold at every moment of every schedule. */
export const RULES = [
  'only one redemption wins',
  'a receipt is written once and never changed',
  'only the redeemer gets a file again',
  'a file is handed out again at most three times',
  'a reissue hands out the same version',
  'no file is handed out after its second chance',
  'nothing is spent before the file is ready',
  'an ended token opens nothing',
  'only its request writes a record',
  'a finished stream frees its slot',
  'a record always gives the same token',
  'repetitions of a request get the same links',
  'a link is redeemed only from its networks',
  'every code is counted, up to five',
  'no link is redeemed without the right code',
  'a streamed link yields no URL',
  'only the proxy gets the URL of a proxied link',
  'a loser closes its file',
  'looking at a link writes nothing',
  'no mail is sent for an ended token',
  'an API link is mailed once',
  'notices report only redemptions',
  'every answer is true',
  'the winner gets its answer',
  'records, receipts, and ledger agree',
  'nothing stored opens a file',
  'nothing fails without a fault',
  'only clean or released versions are published',
  'published bytes match their declaration',
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

/** A violated rule. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly rule: Rule;

  constructor(rule: Rule, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}
