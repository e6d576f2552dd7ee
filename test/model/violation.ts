/** The rules that hold at every moment of every schedule. */
export const RULES = [
  'one winner',
  'one receipt, never rewritten',
  'a file is handed out again to its redeemer only',
  'a file is handed out again three times at most',
  'the version that is handed out again is the same',
  'a second chance ends',
  'nothing is spent in vain',
  'an ended token opens nothing',
  'a record is put by its request only',
  'a finished stream frees its slot',
  'one record, one token',
  'one named request, one set of links',
  'a link is redeemed from its networks only',
  'five codes, no more',
  'no file without its code',
  'a streamed link yields no URL',
  'only the proxy gets its URLs',
  'a loser lets go of the file',
  'looking is free',
  'nothing is mailed for an ended token',
  'one link, one mail',
  'notices tell of redemptions only',
  'the answers are true',
  'a lost answer costs nothing',
  'the records agree',
  'nothing at rest opens a file',
  'nothing fails without a fault',
  'only what was vouched for is published',
  'published bytes are those declared',
  'the pin never moves',
  'an end is final',
  'threats reject',
  'no write is lost',
  'a session that is over takes nothing',
  'what was accepted does not time out',
  'tenants reach their own uploads only',
  'one slot, one session',
  'an upload that ends frees its slot',
  'every upload ends or waits for an operator',
  'nothing unpublished remains',
  'the history has every step',
  'no event is lost',
  'events tell facts only',
  'a repeated event is the same event',
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
