import type { AssetName } from './asset-name.ts';
import type {
  CallerId,
  Cidr,
  EmailAddress,
  EpochSeconds,
  KeyEpoch,
  Pseudonym,
  RedemptionId,
  TokenId,
} from './ids.ts';
import type { Language } from './language.ts';
import type { CopyHashes } from './watermark.ts';

/** The file that a token was issued for, as it was at that time. */
export interface Asset {
  /** Name that callers use for the file (asset-name.ts). */
  readonly name: AssetName;
  /** Object key in the bucket. */
  readonly key: string;
  readonly versionId: string;
  /** File name that the recipient sees. */
  readonly fileName: string;
  /** Media type stored with the object. */
  readonly type: string;
  /** Size in bytes. */
  readonly size: number;
  /** SHA-256 of the whole object in hex, if S3 has it. */
  readonly sha256?: string;
  /** Set if the file must be handed out as stamped copies. Used only when a link is issued. */
  readonly watermark?: true;
}

/**
 * How a link is opened. `confirm`: a person presses a button. `direct`: a program sends a GET; such links are never
 * mailed.
 */
export type Opening = 'confirm' | 'direct';

/**
 * How the file is delivered. `redirect`: by a URL that lives for seconds. `stream`: as bytes, so that the client gets
 * no URL. `proxy`: as bytes from the operator's reverse proxy, and only the proxy gets the URL. `watermark`: as the
 * bytes of a copy that shows on each page whom it is for. `zip`: as the bytes of a zip of several files.
 */
export type Delivery = (typeof DELIVERIES)[number];

export const DELIVERIES = ['redirect', 'stream', 'proxy', 'watermark', 'zip'] as const;

/** Deliveries that the operator can choose for form links. */
export type FormDelivery = Exclude<Delivery, 'stream' | 'watermark' | 'zip'>;

/** Human-readable issuer: the public form, or the ARN of an IAM caller's user or role. */
export type Issuer = 'public' | `arn:${string}`;

/** Longest name of a recipient, in UTF-16 code units. */
export const LONGEST_NAME = 100;

/** Longest message to a recipient, in UTF-16 code units. */
export const LONGEST_MESSAGE = 500;

/** Recipient of a link, with the issuer's words to them. Deleted together with the record. */
export interface Recipient {
  readonly address: EmailAddress;
  /** Keyed hash of the address, for the ledger. Only the `issued` entry also contains the address itself. */
  readonly pseudonym: Pseudonym;
  /** Name in the salutation of the e-mail. API links only. */
  readonly name?: string;
  /** Issuer's message to the recipient. API links only. */
  readonly message?: string;
}

/** File of a collection, with the token ID of its link. */
export interface CollectedFile {
  readonly tokenId: TokenId;
  readonly asset: Asset;
}

/** Record of a live token. It contains nothing that can be redeemed. */
export interface TokenRecord {
  readonly tokenId: TokenId;
  readonly asset: Asset;
  readonly issuedBy: Issuer;
  /** The IAM caller that owns the link; absent for form links. */
  readonly callerId?: CallerId;
  readonly issuedAt: EpochSeconds;
  /** Month of `issuedAt`. It is stored and never computed again. */
  readonly keyEpoch: KeyEpoch;
  /** First second in which the token is no longer redeemable; also the row's TTL. */
  readonly expiresAt: EpochSeconds;
  readonly open: Opening;
  readonly delivery: Delivery;
  /** Networks from which the link can be redeemed; absent if it can be redeemed from any network. */
  readonly allowedCidrs?: readonly Cidr[];
  /** Absent if the link is not mailed. */
  readonly recipient?: Recipient;
  /** Language of e-mails about the link; absent if no e-mails are sent. */
  readonly language?: Language;
  /** Set if a notice is sent when the link is redeemed; the address for the notice is in the ledger. */
  readonly wantsNotice?: true;
  /** Name in the watermark, before the recipient's address. */
  readonly watermarkName?: string;
  /** Whether the link has a second chance; absent for the default (second-chance.ts). */
  readonly secondChance?: boolean;
  /** Files of a collection. A record with `files` cannot be redeemed, and its `asset` is the first file. */
  readonly files?: readonly CollectedFile[];
  /** Files in a zip. The record's `asset` is the zip, with the first file's name and version. */
  readonly contents?: readonly Asset[];
  /** The collection that the file belongs to. */
  readonly collection?: TokenId;
  /** Set if a presence code is needed to redeem the link (presence-code.ts). */
  readonly presenceCode?: true;
  /** IDs of counted presence-code attempts. Only their number matters. No other attribute of a record ever changes. */
  readonly codeAttempts?: ReadonlySet<string>;
  /** Seal of the record; present on every API link (record-seal.ts). It cannot be redeemed. */
  readonly seal?: string;
}

/**
 * Who or what revoked a link: an IAM caller, `hard-bounce` after a permanent bounce, or `wrong-codes` after too many
 * wrong presence codes.
 */
export type Revoker = Issuer | 'hard-bounce' | 'wrong-codes';

interface ReceiptBase {
  readonly tokenId: TokenId;
  /** Time at which the token ended. */
  readonly at: EpochSeconds;
  /** Attempt that ended the token. */
  readonly redemptionId: RedemptionId;
  /** File that the token was issued for. */
  readonly asset: AssetName;
  readonly issuedBy: Issuer;
  readonly callerId?: CallerId;
  /**
   * TTL of the row: 36 days after the token's expiry, or the end of the receipt's retention if that is later
   * (retention.ts).
   */
  readonly removeAt: EpochSeconds;
}

/** Receipt of an ended token. A token never has more than one. */
export type Receipt =
  | (ReceiptBase & {
      readonly kind: 'redeemed';
      readonly sourceAddress: string;
      readonly userAgent: string;
    } & Partial<CopyHashes>)
  | (ReceiptBase & { readonly kind: 'revoked'; readonly revokedBy: Revoker });

/** `permanent`: the mailbox does not exist or rejects our e-mails. `transient`: a later e-mail may be delivered. */
export type BounceKind = 'permanent' | 'transient';

/** Events that the ledger records about a token. */
export type LedgerEvent =
  | ({ readonly event: 'issued' } & IssuedTerms)
  | { readonly event: 'refused'; readonly reason: RefusalReason }
  | { readonly event: 'mailed' }
  | { readonly event: 'mail-failed'; readonly reason: string }
  | { readonly event: 'reminded' }
  | { readonly event: 'reminder-failed'; readonly reason: string }
  | { readonly event: 'bounced'; readonly bounce: BounceKind }
  | { readonly event: 'complained' }
  | { readonly event: 'redeemed'; readonly redemptionId: RedemptionId }
  | { readonly event: 'revoked'; readonly redemptionId: RedemptionId }
  | { readonly event: 'delivered'; readonly redemptionId: RedemptionId; readonly bytes: number }
  | { readonly event: 'aborted'; readonly redemptionId: RedemptionId; readonly bytes: number }
  | { readonly event: 'reissued'; readonly redemptionId: RedemptionId }
  | { readonly event: 'notified' }
  | { readonly event: 'notice-failed'; readonly reason: string }
  | { readonly event: 'reported' };

/** Terms that a link was issued with. Once the record is gone, they are the only description of the link. */
interface IssuedTerms
  extends Pick<
    TokenRecord,
    'issuedBy' | 'callerId' | 'expiresAt' | 'open' | 'delivery' | 'language' | 'collection'
  > {
  readonly fileName: string;
  /** Size in bytes. */
  readonly size: number;
  readonly allowedCidrs?: readonly Cidr[];
  /** Address that the link is mailed to. */
  readonly address?: EmailAddress;
  /** Issuer's note; never shown to the recipient. */
  readonly note?: string;
  /** Address to notify of the redemption. */
  readonly notify?: EmailAddress;
  readonly watermarkName?: string;
  /** Whether the link has a second chance; absent if the issuer did not specify it. */
  readonly secondChance?: boolean;
  /** The files in a collection, as of when the link was issued. */
  readonly files?: readonly IssuedFile[];
  /** The files in a zip, as of when the link was issued. */
  readonly contents?: readonly Omit<IssuedFile, 'tokenId'>[];
}

/** A file in a collection or zip, as of when the link was issued. */
export interface IssuedFile {
  readonly tokenId: TokenId;
  readonly asset: AssetName;
  readonly fileName: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Reason why a request on the public form was silently refused. */
export type RefusalReason = 'cooldown' | 'address-quota' | 'recipient-not-allowed' | 'mail-limit';

/** Ledger entry of a token. */
export type LedgerEntry = LedgerEvent & {
  readonly tokenId: TokenId;
  readonly at: Date;
  readonly asset: AssetName;
  readonly pseudonym?: Pseudonym;
};

/** First entry of a link's history. */
export type IssuedEntry = Extract<LedgerEntry, { readonly event: 'issued' }>;

/** State of a token at a given time. A token is always in exactly one of these states. */
export type TokenState = 'live' | 'redeemed' | 'revoked' | 'expired';
