import { randomBytes, randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Identifies a token in public: 32 lowercase hexadecimal digits (see {@link newTokenId}). It opens nothing. */
export type TokenId = Branded<string, 'TokenId'>;

/** Holds a recipient's secret: `tvm_` and 52 base64url characters. It is never stored or logged. */
export type Token = Branded<string, 'Token'>;

/** Identifies one request that tries to end a token, with a fresh UUID. It tells whose receipt won. */
export type RedemptionId = Branded<string, 'RedemptionId'>;

/** Holds the six digits that whoever redeems a link has to know. Never log or store it. */
export type PresenceCode = Branded<string, 'PresenceCode'>;

/** Holds a keyed hash of an address or a source. It can only be compared with others. */
export type Pseudonym = Branded<string, 'Pseudonym'>;

/** Identifies one puzzle whose solution is sent with a request to the form: 32 lowercase hexadecimal digits. */
export type ProofId = Branded<string, 'ProofId'>;

/** Represents one mailbox, checked by a parser: domain in lower case and punycode, at most 254 octets. */
export type EmailAddress = Branded<string, 'EmailAddress'>;

/**
 * Represents an IPv4 or IPv6 network such as `192.0.2.0/24` or `2001:db8::/32`, in its canonical spelling (RFC 4632,
 * RFC 5952).
 */
export type Cidr = Branded<string, 'Cidr'>;

/**
 * Holds the unique id that IAM gives a user or role, such as `AIDA…` or `AROA…`. Unlike its name it is never reused
 * (IAM User Guide, "Unique identifiers").
 */
export type CallerId = Branded<string, 'CallerId'>;

/** Counts seconds since 1970-01-01T00:00:00Z. */
export type EpochSeconds = Branded<number, 'EpochSeconds'>;

/** Counts months since 2000-01 (UTC). The month decides which derived key signs a token. */
export type KeyEpoch = Branded<number, 'KeyEpoch'>;

const TOKEN_ID = /^[0-9a-f]{32}$/;

/**
 * Reads a token's handle from a table, a path or a message.
 *
 * @returns `undefined` if the text is not a handle
 */
export function parseTokenId(text: string): TokenId | undefined {
  return TOKEN_ID.test(text) ? (text as TokenId) : undefined;
}

/** Tells who asked for a link: a person through the public form, or a program through the signed API. */
export type Channel = 'form' | 'api';

/**
 * Maps a channel to the first digit of its token IDs. Tables are keyed by token ID, so an IAM condition on the leading
 * key keeps the form's functions away from every row of the API's links (lib/rights/request-link.ts).
 */
export const CHANNEL_DIGITS = { form: 'f', api: 'a' } as const satisfies Record<Channel, string>;

/** Creates a token ID: the digit of its channel and 124 random bits. */
export function newTokenId(channel: Channel): TokenId {
  return (CHANNEL_DIGITS[channel] + randomBytes(16).toString('hex').slice(1)) as TokenId;
}

/**
 * Tells the channel from the token ID alone. Any ID that is not the form's counts as the API's, which requires a
 * seal.
 */
export function channelOf(tokenId: TokenId): Channel {
  return tokenId.startsWith(CHANNEL_DIGITS.form) ? 'form' : 'api';
}

/** Identifies an upload: `c` and 31 lowercase hexadecimal digits. It opens nothing. */
export type UploadId = Branded<string, 'UploadId'>;

/** Identifies the object that an upload becomes: `d` and the digits of its upload ID. */
export type ObjectId = Branded<string, 'ObjectId'>;

/**
 * Identifies who owns an upload: `iam:` and the caller's unique id, or `oidc:` and the tenant that the identity provider
 * claims. It comes from a verified identity only.
 */
export type Tenant = Branded<string, 'Tenant'>;

const DIGITS = '[0-9a-f]{31}';
const UPLOAD_ID = new RegExp(`^c${DIGITS}$`);
const OBJECT_ID = new RegExp(`^d${DIGITS}$`);

/** Reads an upload ID from a path, a table, or an object's key; `undefined` if it is not one. */
export function parseUploadId(text: string): UploadId | undefined {
  return UPLOAD_ID.test(text) ? (text as UploadId) : undefined;
}

/** Reads an object ID; `undefined` if it is not one. */
export function parseObjectId(text: string): ObjectId | undefined {
  return OBJECT_ID.test(text) ? (text as ObjectId) : undefined;
}

/** Identifies an upload link: the token ID of its token, which begins with `e`. It opens nothing. */
export type LinkId = TokenId;

const LINK_ID = new RegExp(`^e${DIGITS}$`);

/** Reads a link ID; `undefined` if it is not one. */
export function parseLinkId(text: string): LinkId | undefined {
  return LINK_ID.test(text) ? (text as LinkId) : undefined;
}

/** Creates a link ID with 124 random bits. */
export function newLinkId(): LinkId {
  return `e${randomBytes(16).toString('hex').slice(1)}` as LinkId;
}

/** Creates an upload ID with 124 random bits. */
export function newUploadId(): UploadId {
  return `c${randomBytes(16).toString('hex').slice(1)}` as UploadId;
}

/** Creates an id for one attempt to end a token. */
export function newRedemptionId(): RedemptionId {
  return randomUUID() as RedemptionId;
}

/** Returns the second in which a moment falls. */
export function epochSeconds(moment: Date): EpochSeconds {
  return Math.floor(moment.getTime() / 1000) as EpochSeconds;
}

/** Returns a later (or, if negative, earlier) second. */
export function secondsAfter(start: EpochSeconds, seconds: number): EpochSeconds {
  return (start + seconds) as EpochSeconds;
}
