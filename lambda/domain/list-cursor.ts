import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { EpochSeconds, KeyEpoch } from './ids.ts';
import { isAcceptedKeyEpoch, keyEpochOf } from './key-epoch.ts';
import type { ListPosition, SigningKeys } from './ports.ts';

/*
 * A cursor is base64url( keyEpoch:2 | nonce:12 | tag:16 | encrypted position ), encrypted with AES-256-GCM (NIST SP
 * 800-38D) because a position may point to another caller's entry. The identity of the list (its filter, and its caller
 * unless an operator lists all links) is authenticated along with the position, so a cursor works only for its list.
 */
const CIPHER = 'aes-256-gcm';
const KEY_CONTEXT = 'tvm/cursor/v1';
const EPOCH_BYTES = 2;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = EPOCH_BYTES + NONCE_BYTES + TAG_BYTES;

/** Maximum accepted length, in characters. All real cursors are shorter. */
const LONGEST = 2048;

/**
 * Encrypts and authenticates a position in a list.
 *
 * @param list identity of the list; opening the cursor requires the same value
 */
export async function sealCursor(
  keys: SigningKeys,
  position: ListPosition,
  list: string,
  now: EpochSeconds,
): Promise<string> {
  const keyEpoch = keyEpochOf(now);
  const epoch = Buffer.alloc(EPOCH_BYTES);
  epoch.writeUInt16BE(keyEpoch);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, await cursorKey(keys, keyEpoch), nonce).setAAD(Buffer.from(list));
  const sealed = Buffer.concat([cipher.update(position, 'utf8'), cipher.final()]);
  return Buffer.concat([epoch, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/**
 * Opens a cursor.
 *
 * @returns the position; `undefined` if the cursor was not sealed for this list or its key is no longer accepted
 */
export async function openCursor(
  keys: SigningKeys,
  cursor: string,
  list: string,
  now: EpochSeconds,
): Promise<ListPosition | undefined> {
  const bytes = Buffer.from(cursor, 'base64url');
  if (cursor.length > LONGEST || bytes.length < HEADER_BYTES || bytes.toString('base64url') !== cursor) {
    return undefined;
  }
  const keyEpoch = bytes.readUInt16BE(0) as KeyEpoch;
  if (!isAcceptedKeyEpoch(keyEpoch, now)) return undefined;
  const nonce = bytes.subarray(EPOCH_BYTES, EPOCH_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, await cursorKey(keys, keyEpoch), nonce, {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(list))
    .setAuthTag(bytes.subarray(EPOCH_BYTES + NONCE_BYTES, HEADER_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES)), decipher.final()]).toString();
  } catch {
    // Authentication failed: wrong key, wrong list, or altered text.
    return undefined;
  }
}

/** Derives the cursor key of a month, so that tokens and cursors do not share a key. */
async function cursorKey(keys: SigningKeys, keyEpoch: KeyEpoch): Promise<Buffer> {
  return createHmac('sha256', await keys.keyFor(keyEpoch))
    .update(KEY_CONTEXT)
    .digest();
}
