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

/** Describes the file that a token was issued for, as it was then. */
export interface Asset {
  /** The name under its prefix, which is the only name callers use. */
  readonly name: AssetName;
  /** The object's key in the bucket. */
  readonly key: string;
  readonly versionId: string;
  /** The name that the recipient sees. */
  readonly fileName: string;
  /** The media type stored with the object. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the whole object in hex, if S3 has it. */
  readonly sha256?: string;
  /** Set if the file may only be handed out as copies with a watermark. Only the function that issues links looks. */
  readonly watermark?: true;
}

/**
 * Tells how a link is opened. `confirm`: a person presses a button. `direct`: a program GETs the file; such links are
 * never mailed.
 */
export type Opening = 'confirm' | 'direct';

/**
 * Tells how the file is delivered. `redirect`: via a URL that lives for seconds; `stream`: as bytes, so that no URL
 * leaves the machine; `proxy`: as bytes by the operator's reverse proxy, the only one that gets the URL; `watermark`: as
 * the bytes of a copy that says on each page whose it is; `zip`: as the bytes of a zip of several files.
 */
export type Delivery = (typeof DELIVERIES)[number];

export const DELIVERIES = ['redirect', 'stream', 'proxy', 'watermark', 'zip'] as const;

/** Tells how the file of a form link is delivered, which the operator chooses. */
export type FormDelivery = Exclude<Delivery, 'stream' | 'watermark' | 'zip'>;

/** Names the issuer for people to read: the public form, or a signed caller by the ARN of its user or role. */
export type Issuer = 'public' | `arn:${string}`;

/** Represents whom a link is mailed to, and what the issuer says in the mail. It lives no longer than the record. */
export interface Recipient {
  readonly address: EmailAddress;
  /** Stands for the address in the ledger. */
  readonly pseudonym: Pseudonym;
  /** The name that the mail greets. Only API links have one. */
  readonly name?: string;
  /** What the issuer writes to the recipient. Only API links have it. */
  readonly message?: string;
}

/** Represents one file of a collection, and the link that it is redeemed with. */
export interface CollectedFile {
  readonly tokenId: TokenId;
  readonly asset: Asset;
}

/** Represents a redeemable token's record. Nothing in it can be redeemed. */
export interface TokenRecord {
  readonly tokenId: TokenId;
  readonly asset: Asset;
  readonly issuedBy: Issuer;
  /** The signed caller that the link belongs to; absent for links of the form. */
  readonly callerId?: CallerId;
  readonly issuedAt: EpochSeconds;
  /** The month of `issuedAt`, stored and never recomputed. */
  readonly keyEpoch: KeyEpoch;
  /** The first second in which the token is no longer redeemable; also the row's TTL. */
  readonly expiresAt: EpochSeconds;
  readonly open: Opening;
  readonly delivery: Delivery;
  /** The networks that may redeem it; absent if any may. */
  readonly allowedCidrs?: readonly Cidr[];
  /** The person whom the link is mailed to; absent for links handed out. */
  readonly recipient?: Recipient;
  /** The preferred language of the request for the mail; absent for links handed out. */
  readonly language?: Language;
  /** Whether somebody is told of the redemption by mail; the ledger says who. */
  readonly wantsNotice?: true;
  /** The name that a watermark shows before the address of the recipient. */
  readonly watermarkName?: string;
  /** Whether a cut download can be repeated; absent if the issuer did not say (second-chance.ts). */
  readonly secondChance?: boolean;
  /** The files of a collection. A record that has them redeems nothing, and its `asset` is that of the first. */
  readonly files?: readonly CollectedFile[];
  /** The files of a zip. Its `asset` is the zip, under the name and version of the first. */
  readonly contents?: readonly Asset[];
  /** The collection on whose page the file is. */
  readonly collection?: TokenId;
  /** Whether the holder has to know the code of the link: see presence-code.ts. */
  readonly presenceCode?: true;
  /** The attempts with a code that count: the one attribute that changes. Only the count decides anything. */
  readonly codeAttempts?: ReadonlySet<string>;
  /** Present on every link of the API: see record-seal.ts. It cannot be redeemed. */
  readonly seal?: string;
}

/**
 * Names who revoked: a signed caller, `hard-bounce` if the mailbox does not exist, or `wrong-codes` if somebody tried too
 * many presence codes.
 */
export type Revoker = Issuer | 'hard-bounce' | 'wrong-codes';

interface ReceiptBase {
  readonly tokenId: TokenId;
  /** When the token ended. */
  readonly at: EpochSeconds;
  /** The attempt that ended it. */
  readonly redemptionId: RedemptionId;
  /** What the token was for. */
  readonly asset: AssetName;
  readonly issuedBy: Issuer;
  readonly callerId?: CallerId;
  /** The row's TTL: past the token's expiry and every backup window. */
  readonly removeAt: EpochSeconds;
}

/** Represents the receipt of an ended token. There is at most one for each token, for ever. */
export type Receipt =
  | (ReceiptBase & {
      readonly kind: 'redeemed';
      readonly sourceAddress: string;
      readonly userAgent: string;
    } & Partial<CopyHashes>)
  | (ReceiptBase & { readonly kind: 'revoked'; readonly revokedBy: Revoker });

/**
 * Tells the kind of a bounce. `permanent`: the mailbox does not exist or takes no mail of ours; `transient`: it may
 * work another time.
 */
export type BounceKind = 'permanent' | 'transient';

/** Lists what the ledger says about a token. */
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

/** Holds what a link was issued as. It is all that is left to tell of a link once its record is gone. */
interface IssuedTerms
  extends Pick<
    TokenRecord,
    'issuedBy' | 'callerId' | 'expiresAt' | 'open' | 'delivery' | 'language' | 'collection'
  > {
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  readonly allowedCidrs?: readonly Cidr[];
  /** The address that it was to be mailed to. */
  readonly address?: EmailAddress;
  /** The issuer's own words; never shown to the recipient. */
  readonly note?: string;
  /** The address that is told of the redemption by mail. */
  readonly notify?: EmailAddress;
  /** The name that the copy shows. */
  readonly watermarkName?: string;
  /** Whether a cut download can be repeated, if the issuer said so. */
  readonly secondChance?: boolean;
  /** The files of a collection, as they were. */
  readonly files?: readonly IssuedFile[];
  /** The files of a zip, as they were. */
  readonly contents?: readonly Omit<IssuedFile, 'tokenId'>[];
}

/** Represents one file of a collection, as it was issued. */
export interface IssuedFile {
  readonly tokenId: TokenId;
  readonly asset: AssetName;
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
}

/** Tells why a request from the public form was silently not served. */
export type RefusalReason = 'cooldown' | 'address-quota' | 'recipient-not-allowed' | 'mail-limit';

/** Represents one line of a token's history. */
export type LedgerEntry = LedgerEvent & {
  readonly tokenId: TokenId;
  readonly at: Date;
  readonly asset: AssetName;
  readonly pseudonym?: Pseudonym;
};

/** Represents the first line of a link's history. */
export type IssuedEntry = Extract<LedgerEntry, { readonly event: 'issued' }>;

/** Represents the state of a token at a moment. It is always exactly one of these. */
export type TokenState = 'live' | 'redeemed' | 'revoked' | 'expired';
