/** Counts of what one run of `tvm forget` changed. */
export interface Counts {
  /** Links that were issued to the person, and the person's refused requests. */
  links: number;
  /** Links and upload links that were revoked because they could still be used. */
  revoked: number;
  /** Links and upload links that no longer notify the person. */
  notices: number;
  /** Upload links that were mailed to the person. */
  uploadLinks: number;
  /** Deleted records. Receipts and ledger entries are redacted instead. */
  records: number;
  receipts: number;
  ledgerEntries: number;
  /** Deleted request counters and second chances. */
  counters: number;
  /** Messages about the person that were deleted from the bounce dead-letter queue. */
  bounces: number;
  /** Approximate number of bounce messages that were not checked. */
  unseenBounces: number;
}

export function noCounts(): Counts {
  return {
    links: 0,
    revoked: 0,
    notices: 0,
    uploadLinks: 0,
    records: 0,
    receipts: 0,
    ledgerEntries: 0,
    counters: 0,
    bounces: 0,
    unseenBounces: 0,
  };
}
