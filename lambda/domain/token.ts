import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RefusalOf } from './errors.ts';
import { type EpochSeconds, epochSeconds, type KeyEpoch, type Token, type TokenId } from './ids.ts';
import { isAcceptedKeyEpoch } from './key-epoch.ts';
import type { Clock, SigningKeys } from './ports.ts';
import { fail, ok, type Result } from './result.ts';

/*
 * Layout of a token, 39 bytes, big-endian; the test vectors are in docs/protocol.md:
 *
 *   version:1 | keyEpoch:2 | expiresAt:4 | tokenId:16 | mac:16
 *
 * 39 is a multiple of three, so base64url needs no padding and every token has exactly one spelling.
 */
const VERSION = 1;
const SIGNED_BYTES = 23;
const MAC_BYTES = 16;
const ENCODED = /^[A-Za-z0-9_-]{52}$/;

/** The kind of link that a token opens. The MAC depends on it, so a token whose prefix was changed is invalid. */
export interface TokenKind {
  readonly prefix: string;
  /** Context string that the MAC covers before the claims. */
  readonly context: string;
}

/** Token that is redeemed for a file. */
const DOWNLOAD_TOKEN: TokenKind = { prefix: 'tvm_', context: 'tvm/token/v1' };

/** Token that opens the page of a collection. It redeems nothing: each file has its own token. */
export const COLLECTION_TOKEN: TokenKind = { prefix: 'tvc_', context: 'tvm/collection-token/v1' };

/** Token that opens the page of an upload link. Its token ID is the link ID. */
export const UPLOAD_TOKEN: TokenKind = { prefix: 'tvu_', context: 'tvm/upload-token/v1' };

/** Claims of a token. Trust them only after {@link isSignedBy} has returned true. */
export interface TokenClaims {
  readonly tokenId: TokenId;
  readonly keyEpoch: KeyEpoch;
  /** First second in which the token is no longer redeemable. */
  readonly expiresAt: EpochSeconds;
}

/** Well-formed token whose signature has not been checked. */
export interface ParsedToken {
  readonly kind: TokenKind;
  readonly claims: TokenClaims;
  readonly signed: Uint8Array;
  readonly mac: Uint8Array;
}

/**
 * Computes the token of a record. The same claims and key always give the same token, so the token does not have to be
 * stored, and an e-mail that is sent again carries the same link.
 *
 * @param key key derived for `claims.keyEpoch`, 32 bytes
 */
export function signToken(claims: TokenClaims, key: Uint8Array, kind = DOWNLOAD_TOKEN): Token {
  const signed = Buffer.alloc(SIGNED_BYTES);
  signed.writeUInt8(VERSION, 0);
  signed.writeUInt16BE(claims.keyEpoch, 1);
  signed.writeUInt32BE(claims.expiresAt, 3);
  signed.write(claims.tokenId, 7, 'hex');
  const bytes = Buffer.concat([signed, macOf(signed, key, kind)]);
  return (kind.prefix + bytes.toString('base64url')) as Token;
}

/**
 * Parses a token strictly: exact length and alphabet, canonical base64url (RFC 4648, section 5), known version.
 *
 * @returns `undefined` for any text that {@link signToken} cannot have created
 */
export function parseToken(text: string, kind = DOWNLOAD_TOKEN): ParsedToken | undefined {
  const encoded = text.slice(kind.prefix.length);
  if (!text.startsWith(kind.prefix) || !ENCODED.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.length !== SIGNED_BYTES + MAC_BYTES) return undefined;
  if (bytes.toString('base64url') !== encoded) return undefined;
  if (bytes.readUInt8(0) !== VERSION) return undefined;
  return {
    kind,
    claims: {
      keyEpoch: bytes.readUInt16BE(1) as KeyEpoch,
      expiresAt: bytes.readUInt32BE(3) as EpochSeconds,
      tokenId: bytes.subarray(7, SIGNED_BYTES).toString('hex') as TokenId,
    },
    signed: bytes.subarray(0, SIGNED_BYTES),
    mac: bytes.subarray(SIGNED_BYTES),
  };
}

/** Returns whether the token was signed with this key. Compares digests of equal size in constant time. */
export function isSignedBy(token: ParsedToken, key: Uint8Array): boolean {
  return timingSafeEqual(token.mac, macOf(token.signed, key, token.kind));
}

/** Token with a valid signature. */
export interface AuthenticToken {
  readonly claims: TokenClaims;
  /** Key of the token's month, which also seals its record. */
  readonly key: Uint8Array;
}

/**
 * Verifies a token's signature without reading any table. Does not check whether the token has expired or ended.
 *
 * @throws Unavailable if the key cannot be derived now
 */
export async function authenticateToken(
  { clock, keys }: { readonly clock: Clock; readonly keys: SigningKeys },
  text: string,
  kind = DOWNLOAD_TOKEN,
): Promise<Result<AuthenticToken, RefusalOf<'invalid_token'>>> {
  const token = parseToken(text, kind);
  if (token === undefined || !isAcceptedKeyEpoch(token.claims.keyEpoch, epochSeconds(clock()))) {
    return fail({ code: 'invalid_token' });
  }
  const key = await keys.keyFor(token.claims.keyEpoch);
  return isSignedBy(token, key) ? ok({ claims: token.claims, key }) : fail({ code: 'invalid_token' });
}

function macOf(signed: Uint8Array, key: Uint8Array, { context }: TokenKind): Buffer {
  return createHmac('sha256', key).update(context).update(signed).digest().subarray(0, MAC_BYTES);
}
