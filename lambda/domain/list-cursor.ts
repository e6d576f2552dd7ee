import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { EpochSeconds, KeyEpoch } from './ids.ts';
import { isAcceptedKeyEpoch, keyEpochOf } from './key-epoch.ts';
import type { ListPosition, SigningKeys } from './ports.ts';

/*
 * A cursor is base64url( keyEpoch:2 | nonce:12 | tag:16 | the position, encrypted ), by AES-256-GCM (NIST SP 800-38D).
 * Encrypted, since a position may lie on a line that is not the caller's. The list that it belongs to is authenticated
 * with it, caller included: it leads nowhere in another one.
 */
const CIPHER = 'aes-256-gcm';
const KEY_CONTEXT = 'tvm/cursor/v1';
const EPOCH_BYTES = 2;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = EPOCH_BYTES + NONCE_BYTES + TAG_BYTES;

/** Longer than any that was ever sealed. */
const LONGEST = 2048;

/**
 * Makes a position in a list fit to be given away: nobody reads it, and it is told from any other when it comes back.
 *
 * @param list what the list is of; whoever opens the cursor must say the same
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

/** @returns the position; `undefined` for what was not sealed for this list, or longer ago than a key is accepted */
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
    // The tag is not that of this text under this key and list.
    return undefined;
  }
}

/** A key of its own for each month, so that no token and no cursor is made with the same one. */
async function cursorKey(keys: SigningKeys, keyEpoch: KeyEpoch): Promise<Buffer> {
  return createHmac('sha256', await keys.keyFor(keyEpoch))
    .update(KEY_CONTEXT)
    .digest();
}
