import { createHmac, timingSafeEqual } from 'node:crypto';
import { fileNameOf, isPrivate, parseAssetName } from './asset-name.ts';
import { channelOf } from './ids.ts';
import type { Asset, FormDelivery, Recipient, TokenRecord } from './records.ts';

const CONTEXT = 'tvm/record/v2';
const SEAL_BYTES = 16;

/**
 * Computes the seal of an API link, over everything in its record that determines what the holder gets. A record that
 * was written or altered without permission to sign has no valid seal.
 *
 * @param key key derived for the record's month, 32 bytes
 */
export function sealOf(record: TokenRecord, key: Uint8Array): string {
  return macOf(record, key).toString('base64url');
}

/**
 * Returns whether a record can be trusted. An API link's record must have a valid seal. A form link's record is written
 * by functions that cannot sign, so it must contain nothing that the form never writes.
 *
 * @param key key derived for the record's month, 32 bytes
 */
export function isGenuine(record: TokenRecord, key: Uint8Array): boolean {
  return channelOf(record.tokenId) === 'form' ? hasFormTerms(record) : isSealed(record, key);
}

function hasFormTerms(record: TokenRecord): boolean {
  const { asset, issuedBy, open, delivery, allowedCidrs, wantsNotice, secondChance, recipient } = record;
  const { files, contents, collection } = record;
  const chosen = [allowedCidrs, wantsNotice, secondChance, files, contents, collection];
  const isPlain = chosen.every((term) => term === undefined) && isFormAsset(asset);
  const isSilent = recipient?.name === undefined && recipient?.message === undefined;
  return isPlain && isSilent && issuedBy === 'public' && open === 'confirm' && isFormDelivery(delivery);
}

function isFormDelivery(delivery: string): delivery is FormDelivery {
  return delivery === 'redirect' || delivery === 'proxy';
}

/** Returns whether the asset is a public file under its own file name, and its SHA-256, if any, is well-formed. */
function isFormAsset({ name, fileName, sha256 }: TokenRecord['asset']): boolean {
  const isName = typeof name === 'string' && parseAssetName(name) !== undefined && !isPrivate(name);
  return isName && fileName === fileNameOf(name) && (sha256 === undefined || /^[0-9a-f]{64}$/.test(sha256));
}

function isSealed(record: TokenRecord, key: Uint8Array): boolean {
  const seal = Buffer.from(record.seal ?? '', 'base64url');
  return seal.length === SEAL_BYTES && timingSafeEqual(seal, macOf(record, key));
}

function macOf(record: TokenRecord, key: Uint8Array): Buffer {
  const { tokenId, asset, issuedBy, callerId, keyEpoch, expiresAt } = record;
  const { open, delivery, allowedCidrs = null, recipient, wantsNotice = false } = record;
  const { watermarkName, presenceCode, secondChance, files, contents, collection } = record;
  // The terms are in an array, because DynamoDB does not preserve the order of attributes.
  const terms = [
    ...[tokenId, issuedBy, callerId, keyEpoch, expiresAt],
    ...fileTerms(asset),
    ...[open, delivery, allowedCidrs, recipient?.address ?? null, wantsNotice],
    ...wordsOf(recipient),
    // Optional terms are wrapped in objects, so that none can be mistaken for another.
    ...(watermarkName === undefined ? [] : [{ watermarkName }]),
    ...(secondChance === undefined ? [] : [{ secondChance }]),
    ...(presenceCode === undefined ? [] : [{ presenceCode }]),
    ...(files === undefined
      ? []
      : [{ files: files.map((file) => [file.tokenId, ...fileTerms(file.asset)]) }]),
    ...(contents === undefined ? [] : [{ contents: contents.map(fileTerms) }]),
    ...(collection === undefined ? [] : [{ collection }]),
  ];
  const mac = createHmac('sha256', key).update(CONTEXT).update(JSON.stringify(terms));
  return mac.digest().subarray(0, SEAL_BYTES);
}

/**
 * Returns the sealed terms for the name and message in the e-mail. Returns none if both are absent, so that seals older
 * than these fields stay valid.
 */
function wordsOf({ name, message }: Partial<Recipient> = {}): readonly unknown[] {
  return name === undefined && message === undefined ? [] : [[name ?? null, message ?? null]];
}

function fileTerms({ name, versionId, fileName, type, size, sha256 }: Asset): readonly unknown[] {
  return [name, versionId, fileName, type, size, sha256 ?? null];
}
