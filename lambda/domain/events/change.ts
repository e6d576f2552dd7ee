import type { AssetName } from '../asset-name.ts';
import type {
  CallerId,
  EpochSeconds,
  LinkId,
  Pseudonym,
  RedemptionId,
  Tenant,
  TokenId,
  UploadId,
} from '../ids.ts';
import type { BounceKind, Delivery, Issuer, Opening, Revoker } from '../records.ts';
import type { Reason } from '../uploads/upload.ts';

/*
 * The table writes that events are made from, as DynamoDB streams report them. Except for removals by TTL, each change
 * is one conditional write by another function, so every recorded fact appears as a change. Only fields that events
 * need are read.
 */

interface AboutRecord {
  readonly tokenId: TokenId;
  readonly asset: AssetName;
  readonly issuedBy: Issuer;
  readonly callerId?: CallerId | undefined;
}

/** A record was written: a link was issued. */
export interface RecordPut extends AboutRecord {
  readonly change: 'record-put';
  readonly size: number;
  readonly open: Opening;
  readonly delivery: Delivery;
  readonly issuedAt: EpochSeconds;
  readonly expiresAt: EpochSeconds;
  /** Number of files, for a collection's link. */
  readonly files?: number | undefined;
  /** The collection that the file belongs to. */
  readonly collection?: TokenId | undefined;
}

/** TTL removed a record. The link has expired, unless it had already ended but its record could not be deleted then. */
export interface RecordRemoved extends AboutRecord {
  readonly change: 'record-removed';
  readonly expiresAt: EpochSeconds;
  readonly removedAt: EpochSeconds;
}

/** A receipt was written: a link has ended. */
export type ReceiptPut = AboutRecord & {
  readonly change: 'receipt-put';
  readonly at: EpochSeconds;
  readonly redemptionId: RedemptionId;
} & ({ readonly kind: 'redeemed' } | { readonly kind: 'revoked'; readonly revokedBy: Revoker });

/** An entry was appended to the ledger. */
export type EntryPut = {
  readonly change: 'entry-put';
  readonly tokenId: TokenId;
  readonly asset: AssetName;
  readonly pseudonym?: Pseudonym | undefined;
  /** Sort key of the entry: its time and its event. */
  readonly timeEvent: string;
  readonly writtenAt: EpochSeconds;
} & (
  | { readonly event: 'mailed' }
  | { readonly event: 'mail-failed'; readonly reason: string }
  | { readonly event: 'bounced'; readonly bounce: BounceKind }
  | { readonly event: 'reported' }
  | { readonly event: 'reissued'; readonly redemptionId: RedemptionId }
);

/** An upload was published, released, rejected, or parked. */
export type RevisionPut = {
  readonly change: 'revision-put';
  readonly uploadId: UploadId;
  readonly tenant: Tenant;
  readonly linkId?: LinkId | undefined;
  /** Absent for a file that was sent with a form and has not been finalized. */
  readonly size?: number | undefined;
  readonly revision: number;
  readonly changedAt: string;
} & (
  | { readonly step: 'published' | 'released' }
  | { readonly step: 'rejected' | 'parked'; readonly reason: Reason }
);

export type Change = RecordPut | RecordRemoved | ReceiptPut | EntryPut | RevisionPut;
