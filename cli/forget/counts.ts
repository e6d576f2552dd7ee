/** Counts of what one run of `tvm forget` changed. */
export interface Counts {
  /** Links that were issued to the person, and the person's refused requests. */
  links: number;
  /** Links and upload links that could still be used and were revoked. */
  revoked: number;
  /** Links and upload links that no longer notify the person. */
  notices: number;
  /** Upload links that were mailed to the person. */
  uploadLinks: number;
  /** Deleted records. The counted receipts and ledger entries were only redacted. */
  records: number;
  receipts: number;
  ledgerEntries: number;
  /** Deleted counters of requests, and deleted second chances. */
  counters: number;
  /** Messages about the person that were deleted from the dead-letter queue of bounces. */
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
