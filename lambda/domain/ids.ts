import { randomBytes, randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Public ID of a token: 32 lowercase hexadecimal digits (see {@link newTokenId}). It opens nothing. */
export type TokenId = Branded<string, 'TokenId'>;

/**
 * Holder's secret: `tvm_`, `tvc_`, or `tvu_` (token.ts), followed by 52 base64url characters. It is never stored or
 * logged.
 */
export type Token = Branded<string, 'Token'>;

/**
 * ID of one attempt to end a token or to reissue its file: a fresh UUID. In a receipt, it identifies the attempt that
 * won.
 */
export type RedemptionId = Branded<string, 'RedemptionId'>;

/** Six digits that are needed to redeem a link. Never log or store them. */
export type PresenceCode = Branded<string, 'PresenceCode'>;

/** Keyed hash of an address, a source, or a request. It can only be compared with other pseudonyms. */
export type Pseudonym = Branded<string, 'Pseudonym'>;

/** ID of a proof-of-work challenge: 32 lowercase hexadecimal digits. */
export type ProofId = Branded<string, 'ProofId'>;

/** Validated e-mail address: domain in lower case and punycode, at most 254 octets. */
export type EmailAddress = Branded<string, 'EmailAddress'>;

/** IPv4 or IPv6 network such as `192.0.2.0/24` or `2001:db8::/32`, in canonical form (RFC 4632, RFC 5952). */
export type Cidr = Branded<string, 'Cidr'>;

/**
 * Unique ID that IAM gives a user or role, such as `AIDA…` or `AROA…`. Unlike a name, it is never reused (IAM User
 * Guide, "Unique identifiers").
 */
export type CallerId = Branded<string, 'CallerId'>;

/** Seconds since 1970-01-01T00:00:00Z. */
export type EpochSeconds = Branded<number, 'EpochSeconds'>;

/** Months since 2000-01 (UTC). The month determines which derived key signs a token. */
export type KeyEpoch = Branded<number, 'KeyEpoch'>;

const TOKEN_ID = /^[0-9a-f]{32}$/;

/**
 * Parses a token ID from a table, a path, or a message.
 *
 * @returns `undefined` if the text is not a token ID
 */
export function parseTokenId(text: string): TokenId | undefined {
  return TOKEN_ID.test(text) ? (text as TokenId) : undefined;
}

/** How a link was requested: by a person on the public form, or by a program through the signed API. */
export type Channel = 'form' | 'api';

/**
 * First digit of each channel's token IDs. Tables are keyed by token ID, so an IAM condition on the leading key keeps
 * the form's functions away from the rows of API links (lib/permissions/request-link.ts).
 */
export const CHANNEL_DIGITS = { form: 'f', api: 'a' } as const satisfies Record<Channel, string>;

/** Creates a token ID: its channel's digit, followed by 124 random bits. */
export function newTokenId(channel: Channel): TokenId {
  return (CHANNEL_DIGITS[channel] + randomDigits()) as TokenId;
}

/** Returns 31 random hexadecimal digits. */
function randomDigits(): string {
  return randomBytes(16).toString('hex').slice(1);
}

/**
 * Returns the channel of a token ID. Every ID that is not a form link's counts as an API link's, so its record must
 * have a seal.
 */
export function channelOf(tokenId: TokenId): Channel {
  return tokenId.startsWith(CHANNEL_DIGITS.form) ? 'form' : 'api';
}

/** ID of an upload: `c` and 31 lowercase hexadecimal digits. It opens nothing. */
export type UploadId = Branded<string, 'UploadId'>;

/** ID of the object that an upload becomes: `d` and the upload ID's other 31 digits. */
export type ObjectId = Branded<string, 'ObjectId'>;

/**
 * Owner of an upload: `iam:` and the caller's unique ID, or `oidc:` and the tenant that the identity provider's token
 * names. It always comes from a verified identity.
 */
export type Tenant = Branded<string, 'Tenant'>;

const DIGITS = '[0-9a-f]{31}';
const UPLOAD_ID = new RegExp(`^c${DIGITS}$`);
const OBJECT_ID = new RegExp(`^d${DIGITS}$`);

/** Parses an upload ID from a path, a table, or an object's key; returns `undefined` if it is invalid. */
export function parseUploadId(text: string): UploadId | undefined {
  return UPLOAD_ID.test(text) ? (text as UploadId) : undefined;
}

export function parseObjectId(text: string): ObjectId | undefined {
  return OBJECT_ID.test(text) ? (text as ObjectId) : undefined;
}

/** ID of an upload link, which is also the token ID of its token. It begins with `e` and opens nothing. */
export type LinkId = TokenId;

const LINK_ID = new RegExp(`^e${DIGITS}$`);

export function parseLinkId(text: string): LinkId | undefined {
  return LINK_ID.test(text) ? (text as LinkId) : undefined;
}

/** Creates a link ID with 124 random bits. */
export function newLinkId(): LinkId {
  return `e${randomDigits()}` as LinkId;
}

/** Creates an upload ID with 124 random bits. */
export function newUploadId(): UploadId {
  return `c${randomDigits()}` as UploadId;
}

/** Creates an ID for one attempt to end a token or to reissue its file. */
export function newRedemptionId(): RedemptionId {
  return randomUUID() as RedemptionId;
}

/** Converts a date to whole seconds since the epoch, rounded down. */
export function epochSeconds(moment: Date): EpochSeconds {
  return Math.floor(moment.getTime() / 1000) as EpochSeconds;
}

/** Returns the time that is `seconds` after `start`, or before it if `seconds` is negative. */
export function secondsAfter(start: EpochSeconds, seconds: number): EpochSeconds {
  return (start + seconds) as EpochSeconds;
}
