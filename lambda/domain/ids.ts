import { randomBytes, randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** 32 lower-case hex digits, see {@link newTokenId}: a public handle of a token, which opens nothing. */
export type TokenId = Branded<string, 'TokenId'>;

/** The secret that a recipient holds: `tvm_` and 52 base64url characters. Never stored or logged. */
export type Token = Branded<string, 'Token'>;

/** A UUID made afresh by every request that tries to end a token; it tells whose receipt stands. */
export type RedemptionId = Branded<string, 'RedemptionId'>;

/** A keyed hash of an address or a source, which tells equal ones apart from others and nothing else. */
export type Pseudonym = Branded<string, 'Pseudonym'>;

/** One mailbox, checked by a parser: domain in lower case and punycode, at most 254 octets. */
export type EmailAddress = Branded<string, 'EmailAddress'>;

/** An IPv4 or IPv6 network such as `192.0.2.0/24` or `2001:db8::/32`, in its canonical spelling (RFC 4632, RFC 5952). */
export type Cidr = Branded<string, 'Cidr'>;

/**
 * The unique id that IAM gives a user or role, such as `AIDA…` or `AROA…`. Unlike its name it is never given to another
 * (IAM User Guide, "Unique identifiers").
 */
export type CallerId = Branded<string, 'CallerId'>;

/** Seconds since 1970-01-01T00:00:00Z. */
export type EpochSeconds = Branded<number, 'EpochSeconds'>;

/** Months since 2000-01 (UTC): which derived key signs a token. */
export type KeyEpoch = Branded<number, 'KeyEpoch'>;

const TOKEN_ID = /^[0-9a-f]{32}$/;

/** Reads a token's handle as it stands in a table, a path or a message; `undefined` when it is none. */
export function parseTokenId(text: string): TokenId | undefined {
  return TOKEN_ID.test(text) ? (text as TokenId) : undefined;
}

/** Who asked for a link: a person through the public form, or a program through the signed API. */
export type Channel = 'form' | 'api';

/**
 * The first digit of a token's handle. Tables are keyed by handles, so an IAM condition on the leading key keeps the
 * functions of the form away from every row of the API's links (lib/rights.ts).
 */
export const CHANNEL_DIGITS = { form: 'f', api: 'a' } as const satisfies Record<Channel, string>;

/** A fresh handle: the digit of its channel and 124 random bits. */
export function newTokenId(channel: Channel): TokenId {
  return (CHANNEL_DIGITS[channel] + randomBytes(16).toString('hex').slice(1)) as TokenId;
}

/** Tells the channel from the handle alone. What is not the form's counts as the API's, which takes a seal. */
export function channelOf(tokenId: TokenId): Channel {
  return tokenId.startsWith(CHANNEL_DIGITS.form) ? 'form' : 'api';
}

/** A fresh id for one attempt to end a token. */
export function newRedemptionId(): RedemptionId {
  return randomUUID() as RedemptionId;
}

/** The second in which a moment falls. */
export function epochSeconds(moment: Date): EpochSeconds {
  return Math.floor(moment.getTime() / 1000) as EpochSeconds;
}

/** A later (or, negative, earlier) second. */
export function secondsAfter(start: EpochSeconds, seconds: number): EpochSeconds {
  return (start + seconds) as EpochSeconds;
}
