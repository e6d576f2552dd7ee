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
 * The writes that settle a fact, as the streams of the tables report them. Each is one conditional write of another function, so a
 * fact and its change cannot be separated. Only what an event says is in here.
 */

interface AboutRecord {
  readonly tokenId: TokenId;
  readonly asset: AssetName;
  readonly issuedBy: Issuer;
  readonly callerId?: CallerId | undefined;
}

/** A record was put: its link is issued. */
export interface RecordPut extends AboutRecord {
  readonly change: 'record-put';
  readonly size: number;
  readonly open: Opening;
  readonly delivery: Delivery;
  readonly issuedAt: EpochSeconds;
  readonly expiresAt: EpochSeconds;
  /** How many files a collection has. */
  readonly files?: number | undefined;
  /** The collection that the file belongs to. */
  readonly collection?: TokenId | undefined;
}

/** TTL has removed a record. Its link has expired, unless it ended before and its record outlived it. */
export interface RecordRemoved extends AboutRecord {
  readonly change: 'record-removed';
  readonly expiresAt: EpochSeconds;
  readonly removedAt: EpochSeconds;
}

/** A receipt was put: its link has ended. */
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
  /** The key of the entry: its time and its event. */
  readonly timeEvent: string;
  /** When the entry was written. */
  readonly writtenAt: EpochSeconds;
} & (
  | { readonly event: 'mailed' }
  | { readonly event: 'mail-failed'; readonly reason: string }
  | { readonly event: 'bounced'; readonly bounce: BounceKind }
  | { readonly event: 'reported' }
  | { readonly event: 'reissued'; readonly redemptionId: RedemptionId }
);

/** A revision of an upload was put whose step decided about it. */
export type RevisionPut = {
  readonly change: 'revision-put';
  readonly uploadId: UploadId;
  readonly tenant: Tenant;
  readonly linkId?: LinkId | undefined;
  readonly size: number;
  readonly revision: number;
  readonly changedAt: string;
} & (
  | { readonly step: 'published' | 'released' }
  | { readonly step: 'rejected' | 'parked'; readonly reason: Reason }
);

export type Change = RecordPut | RecordRemoved | ReceiptPut | EntryPut | RevisionPut;
