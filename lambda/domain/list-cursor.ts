import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EpochSeconds, KeyEpoch } from './ids.ts';
import { isAcceptedKeyEpoch, keyEpochOf } from './key-epoch.ts';
import type { ListPosition, SigningKeys } from './ports.ts';

/*
 * A cursor is base64url( keyEpoch:2 | mac:16 | the position, UTF-8 ). Its signature covers the list that it belongs to
 * as well, caller included: it leads nowhere in another one. Its context keeps it apart from every token.
 */
const MAC_CONTEXT = 'tvm/cursor/v1';
const MAC_BYTES = 16;
const HEADER_BYTES = 2 + MAC_BYTES;

/** Longer than any that was ever sealed. */
const LONGEST = 2048;

/**
 * Makes a position in a list fit to be given away and to be told from any other when it comes back.
 *
 * @param list what the list is of; whoever opens the cursor must say the same
 */
export async function sealCursor(
  keys: SigningKeys,
  position: ListPosition,
  list: string,
  now: EpochSeconds,
): Promise<string> {
  const epoch = keyEpochOf(now);
  const mac = macOf(await keys.keyFor(epoch), list, position);
  const header = Buffer.alloc(2);
  header.writeUInt16BE(epoch);
  return Buffer.concat([header, mac, Buffer.from(position)]).toString('base64url');
}

/** @returns the position; `undefined` for what was not sealed for this list, or a year and more ago */
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
  const epoch = bytes.readUInt16BE(0) as KeyEpoch;
  if (!isAcceptedKeyEpoch(epoch, now)) return undefined;
  const position = bytes.subarray(HEADER_BYTES).toString();
  const mac = macOf(await keys.keyFor(epoch), list, position);
  return timingSafeEqual(bytes.subarray(2, HEADER_BYTES), mac) ? position : undefined;
}

function macOf(key: Uint8Array, list: string, position: ListPosition): Buffer {
  // A length in front: no list and position run into each other.
  const length = `${Buffer.byteLength(list)}:`;
  return createHmac('sha256', key)
    .update(`${MAC_CONTEXT}${length}${list}${position}`)
    .digest()
    .subarray(0, MAC_BYTES);
}
