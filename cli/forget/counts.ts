/** How many of what a run of `forget` has changed. */
export interface Counts {
  /** Links to the person, and requests that were refused. */
  links: number;
  /** Of those, live ones that were revoked. */
  revoked: number;
  /** Links to others that the person is no longer told about. */
  notices: number;
  /** Rows of the token table, removed or redacted. */
  records: number;
  receipts: number;
  ledgerEntries: number;
  /** Counters of requests, removed. */
  counters: number;
  /** Dead letters of the bounce queue that named the person, removed. */
  bounces: number;
  /** About how many messages about bounces were not looked into. */
  unseenBounces: number;
}

export function noCounts(): Counts {
  return {
    links: 0,
    revoked: 0,
    notices: 0,
    records: 0,
    receipts: 0,
    ledgerEntries: 0,
    counters: 0,
    bounces: 0,
    unseenBounces: 0,
  };
}
