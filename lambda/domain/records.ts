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

/** The file a token was issued for, as it was then. */
export interface Asset {
  /** The name under its prefix; callers name files by nothing else. */
  readonly name: AssetName;
  /** The object's key in the bucket. */
  readonly key: string;
  readonly versionId: string;
  /** The name the recipient sees. */
  readonly fileName: string;
  /** Media type as stored with the object. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the whole object in hex, where S3 knows it. */
  readonly sha256?: string;
}

/** `confirm`: a person presses a button. `direct`: a program GETs the file; such links are never mailed. */
export type Opening = 'confirm' | 'direct';

/** `redirect`: to a URL that lives for seconds; `stream`: the bytes themselves, so that no URL leaves the machine. */
export type Delivery = 'redirect' | 'stream';

/** Who asked: the public form, or a signed caller by the ARN of its user or role. For people to read. */
export type Issuer = 'public' | `arn:${string}`;

/** What is still redeemable. Holds nothing that redeems. */
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
  /** The networks that it may be redeemed from; absent for every one. */
  readonly allowedCidrs?: readonly Cidr[];
  /** To whom the link is mailed, and the same as a pseudonym for the ledger; absent for links handed out. */
  readonly recipient?: { readonly address: EmailAddress; readonly pseudonym: Pseudonym };
  /** What the request that asked for the mail would rather be answered in; absent for links handed out. */
  readonly language?: Language;
  /** Whether somebody is told of the redemption by mail; the history says who. */
  readonly wantsNotice?: true;
  /** On every link of the API: see record-seal.ts. Redeems nothing. */
  readonly seal?: string;
}

/** Who revoked: a signed caller, or nobody but the mailbox that does not exist. */
export type Revoker = Issuer | 'hard-bounce';

interface ReceiptBase {
  readonly tokenId: TokenId;
  /** When the token ended. */
  readonly at: EpochSeconds;
  /** Whose attempt ended it. */
  readonly redemptionId: RedemptionId;
  /** What it was a token for. */
  readonly asset: AssetName;
  readonly issuedBy: Issuer;
  readonly callerId?: CallerId;
  /** The row's TTL: past the token's expiry and every backup window. */
  readonly removeAt: EpochSeconds;
}

/** What has ended: at most one for each token, for ever. */
export type Receipt =
  | (ReceiptBase & {
      readonly kind: 'redeemed';
      readonly sourceAddress: string;
      readonly userAgent: string;
    })
  | (ReceiptBase & { readonly kind: 'revoked'; readonly revokedBy: Revoker });

/** `permanent`: there is no such mailbox, or it takes no mail of ours; `transient`: perhaps another time. */
export type BounceKind = 'permanent' | 'transient';

/** What the ledger tells of a token. */
export type LedgerEvent =
  | ({ readonly event: 'issued' } & IssuedTerms)
  | { readonly event: 'refused'; readonly reason: RefusalReason }
  | { readonly event: 'mailed' }
  | { readonly event: 'mail-failed'; readonly reason: string }
  | { readonly event: 'bounced'; readonly bounce: BounceKind }
  | { readonly event: 'complained' }
  | { readonly event: 'redeemed'; readonly redemptionId: RedemptionId }
  | { readonly event: 'revoked'; readonly redemptionId: RedemptionId }
  | { readonly event: 'delivered'; readonly redemptionId: RedemptionId; readonly bytes: number }
  | { readonly event: 'aborted'; readonly redemptionId: RedemptionId; readonly bytes: number }
  | { readonly event: 'notified' }
  | { readonly event: 'notice-failed'; readonly reason: string }
  | { readonly event: 'reported' };

/** What a link was issued as: all that is left to tell of it once its record is gone. */
interface IssuedTerms
  extends Pick<TokenRecord, 'issuedBy' | 'callerId' | 'expiresAt' | 'open' | 'delivery' | 'language'> {
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  readonly allowedCidrs?: readonly Cidr[];
  /** To whom it was to be mailed. */
  readonly address?: EmailAddress;
  /** The issuer's own words; never shown to the recipient. */
  readonly note?: string;
  /** Who is told of the redemption by mail. */
  readonly notify?: EmailAddress;
}

/** Why a request from the public form was silently not served. */
export type RefusalReason = 'cooldown' | 'address-quota' | 'recipient-not-allowed' | 'mail-limit';

/** One line of the history of a token. */
export type LedgerEntry = LedgerEvent & {
  readonly tokenId: TokenId;
  readonly at: Date;
  readonly asset: AssetName;
  readonly pseudonym?: Pseudonym;
};

/** The line with which the history of a link begins. */
export type IssuedEntry = Extract<LedgerEntry, { readonly event: 'issued' }>;

/** What a token is at a moment: at every moment exactly one of these. */
export type TokenState = 'live' | 'redeemed' | 'revoked' | 'expired';
