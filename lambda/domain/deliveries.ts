import { randomInt } from 'node:crypto';
import { appendOrReport } from './ending.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { type EpochSeconds, epochSeconds, type RedemptionId, secondsAfter } from './ids.ts';
import { refundQuota } from './mail-quota.ts';
import { mapInBatches } from './map-in-batches.ts';
import type { Counter, FileStore, OpenFile, Quota } from './ports.ts';
import { streamSlot } from './quota-rules.ts';
import type { Asset, TokenRecord } from './records.ts';
import {
  type DeliveryMethod,
  type NotRedeemed,
  type Redeemed,
  type RedeemRequest,
  type RedemptionDependencies,
  type Reissue,
  redeemOrReissue,
} from './redemption.ts';
import { fail, ok, type Result } from './result.ts';
import { namesOn, type StampedCopy, type Stamper, stampFile } from './watermark.ts';
import { entriesOf, type Zipper } from './zip.ts';

/*
 * The ways to deliver a file: by URL, streamed, as a stamped copy, or in a zip. Each way implements steps 4 and 5 of a
 * redemption (redemption.ts).
 */

/**
 * Returns whether the given file is the promised one. A form link promises its file's current version. An API link
 * promises one particular version, and a second chance promises the version that the redemption handed out.
 */
function isAsPromised({ issuedBy, asset }: TokenRecord, found: Asset, again: Reissue | undefined): boolean {
  if (again !== undefined) return found.versionId === again.versionId;
  return issuedBy === 'public' || found.versionId === asset.versionId;
}

function fileRefusal(error: 'missing' | 'archived'): Refusal {
  return error === 'missing' ? { code: 'asset_missing' } : ARCHIVED;
}

export interface RedeemDependencies extends RedemptionDependencies {
  readonly files: Pick<FileStore, 'head' | 'presign'>;
  /** Lifetime of the download URL, in seconds: 5 to 300. */
  readonly downloadSeconds: number;
}

/** Second-chance fields of a redemption's result. */
type WithChance = Pick<Redeemed<unknown>, 'secret' | 'reissued'>;

/** Redemption of a token, or reissue of its file, that yields a URL. */
export interface Redemption extends WithChance {
  readonly record: TokenRecord;
  /** The file as it was at the time of the redemption. */
  readonly asset: Asset;
  /** Presigned URL, valid until `urlExpiresAt`. Never log or store it. */
  readonly url: string;
  readonly urlExpiresAt: EpochSeconds;
}

/**
 * Redeems a token for a download URL.
 *
 * @throws Unavailable if a service was down. Usually, the token is still live then. If it is unknown whether the
 *   receipt was written, the token may be spent even though nobody got the file.
 */
export async function redeemToken(
  deps: RedeemDependencies,
  request: RedeemRequest,
): Promise<Result<Redemption, NotRedeemed>> {
  const { files, downloadSeconds } = deps;
  const redeemed = await redeemOrReissue(deps, request, {
    deliveries: request.throughProxy ? ['redirect', 'proxy'] : ['redirect'],
    async prepare(record, redemptionId, again) {
      // A partial request would spend the link, so the client could never fetch the rest.
      if (record.delivery === 'proxy' && request.wantsPart) return fail({ code: 'range_refused' });
      const file = await files.head(record.asset.name);
      if (!file.ok) return fail(fileRefusal(file.error));
      const asset = file.value;
      if (!isAsPromised(record, asset, again)) return fail({ code: 'asset_changed' });
      const now = epochSeconds(deps.clock());
      // If this download is interrupted too, it can be resumed until the second chance is over.
      const seconds = Math.max(downloadSeconds, again === undefined ? 0 : again.until - now);
      return ok({ asset, url: await files.presign(asset, redemptionId, seconds), seconds });
    },
    handedOut: ({ asset: { versionId } }) => ({ versionId }),
  });
  if (!redeemed.ok) return redeemed;
  const { record, at, ready, secret, reissued } = redeemed.value;
  const { asset, url, seconds } = ready;
  return ok({ asset, url, record, urlExpiresAt: secondsAfter(epochSeconds(at), seconds), secret, reissued });
}

export interface StreamDependencies extends RedemptionDependencies {
  readonly files: Pick<FileStore, 'open'>;
  readonly quota: Quota;
  /** Maximum number of files streamed at the same time. */
  readonly streamConcurrency: number;
}

/** `Retry-After` if no free slot was found, in seconds. A slot is freed as soon as one of the streams ends. */
const RETRY_SECONDS = 30;

/** Maximum number of slots to try, starting at a random one. Trying this many usually finds a free one. */
const SLOTS_TRIED = 8;

/** Redemption of a token, or reissue of its file, while the file is being streamed. */
export interface StreamedRedemption extends OpenStream, WithChance {
  readonly record: TokenRecord;
  readonly redemptionId: RedemptionId;
}

interface OpenStream {
  readonly file: OpenFile;
  /** The slot that the stream holds until the file has been sent. */
  readonly slot: Counter;
}

async function redeemForBytes<Ready extends OpenStream>(
  deps: RedemptionDependencies,
  request: RedeemRequest,
  way: DeliveryMethod<Ready>,
): Promise<Result<StreamedRedemption, NotRedeemed>> {
  const redeemed = await redeemOrReissue(deps, request, way);
  if (!redeemed.ok) return redeemed;
  const { ready, record, redemptionId, secret, reissued } = redeemed.value;
  return ok({ file: ready.file, slot: ready.slot, record, redemptionId, secret, reissued });
}

/**
 * Redeems a token for the file's bytes, without a presigned URL. The receipt is written only after S3 has begun to
 * respond.
 *
 * @throws Unavailable like {@link redeemToken}
 */
export async function streamToken(
  deps: StreamDependencies,
  request: RedeemRequest,
): Promise<Result<StreamedRedemption, NotRedeemed>> {
  return await redeemForBytes(deps, request, {
    deliveries: ['stream'],
    prepare: (record, redemptionId, again) => openStream(deps, record, redemptionId, again),
    handedOut: ({ file }) => ({ versionId: file.asset.versionId }),
    async release({ file, slot }, { tokenId }) {
      file.abort();
      await refundQuota(deps, [slot], tokenId);
    },
  });
}

export interface StampDependencies extends StreamDependencies {
  readonly stamper: Stamper;
}

/**
 * Redeems a token for the bytes of a stamped copy. The receipt is written only after the copy is complete.
 *
 * @throws Unavailable like {@link redeemToken}
 */
export async function stampToken(
  deps: StampDependencies,
  request: RedeemRequest,
): Promise<Result<StreamedRedemption, NotRedeemed>> {
  return await redeemForBytes(deps, request, {
    deliveries: ['watermark'],
    prepare: (record, redemptionId, again) => openStamped(deps, record, redemptionId, again),
    handedOut: ({ file, stampedAt }) => ({ versionId: file.asset.versionId, stampedAt }),
    hashesOf: ({ hashes }) => hashes,
    release: ({ slot }, { tokenId }) => refundQuota(deps, [slot], tokenId),
  });
}

/** Stamps the file while holding a slot, which limits the number of copies in memory. */
async function openStamped(
  deps: StampDependencies,
  record: TokenRecord,
  redemptionId: RedemptionId,
  again: Reissue | undefined,
): Promise<Result<StampedCopy & OpenStream & { readonly stampedAt: EpochSeconds }, Refusal>> {
  const opened = await openStream(deps, record, redemptionId, again);
  if (!opened.ok) return opened;
  const { file, slot } = opened.value;
  const { watermarkName, recipient, tokenId } = record;
  let copy: StampedCopy | undefined;
  try {
    // The copy shows a time. A reissued copy must be identical to the first one, so it shows the same time.
    const stampedAt = again?.stampedAt ?? epochSeconds(deps.clock());
    const at = new Date(stampedAt * 1000);
    const mark = { names: namesOn(watermarkName, recipient?.address), tokenId, at };
    const stamped = await stampFile(deps.stamper, file, mark);
    // The error's name contains the code, because error messages are not logged.
    if (!stamped.ok) throw Object.assign(new Error(), { name: `NoLongerStampable:${stamped.error.code}` });
    copy = stamped.value;
    return ok({ ...copy, slot, stampedAt });
  } finally {
    file.abort();
    if (copy === undefined) await refundQuota(deps, [slot], tokenId);
  }
}

export interface ZipDependencies extends Omit<StreamDependencies, 'files'> {
  readonly files: Pick<FileStore, 'head' | 'openVersion'>;
  readonly zipper: Zipper;
}

/**
 * Redeems a token for the bytes of a zip of several files. The receipt is written only if the promised version of every
 * file is still the newest. Each file is opened when its turn comes.
 *
 * @throws Unavailable like {@link redeemToken}
 */
export async function zipToken(
  deps: ZipDependencies,
  request: RedeemRequest,
): Promise<Result<StreamedRedemption, NotRedeemed>> {
  return await redeemForBytes(deps, request, {
    deliveries: ['zip'],
    // A reissue sends the same versions, because the record lists them.
    prepare: (record, redemptionId) => prepareZip(deps, record, redemptionId),
    handedOut: ({ file }) => ({ versionId: file.asset.versionId }),
    release: ({ slot }, { tokenId }) => refundQuota(deps, [slot], tokenId),
  });
}

async function prepareZip(
  deps: ZipDependencies,
  { contents = [], asset }: TokenRecord,
  redemptionId: RedemptionId,
): Promise<Result<OpenStream, Refusal>> {
  const heads = await mapInBatches(contents, async (promised) => ({
    promised,
    found: await deps.files.head(promised.name),
  }));
  for (const { promised, found } of heads) {
    if (!found.ok) return fail(fileRefusal(found.error));
    if (!isSameVersion(promised, found.value)) return fail({ code: 'asset_changed' });
  }
  const slot = await takeSlot(deps);
  if (slot === undefined) return fail({ code: 'unavailable', retryAfterSeconds: RETRY_SECONDS });
  let reading: OpenFile | undefined;
  let given = false;
  const open = async (promised: Asset) => {
    const opened = await deps.files.openVersion(promised, redemptionId);
    // Throwing cuts the connection, so that the client does not mistake a partial zip for a complete one.
    if (!opened.ok || !isSameVersion(promised, opened.value.asset))
      throw new Error('A file in the zip is gone');
    reading = opened.value;
    if (given) reading.abort();
    return reading.bytes;
  };
  const file: OpenFile = {
    asset,
    type: asset.type,
    disposition: `attachment; filename=${asset.fileName}`,
    bytes: deps.zipper.zip(entriesOf(contents), open, deps.clock()),
    abort: () => {
      given = true;
      reading?.abort();
    },
  };
  return ok({ file, slot });
}

function isSameVersion(promised: Asset, found: Asset): boolean {
  return found.versionId === promised.versionId && found.size === promised.size;
}

/** Opens the file, then takes a slot. Slots keep slow readers from using up the account's concurrency. */
async function openStream(
  deps: StreamDependencies,
  record: TokenRecord,
  redemptionId: RedemptionId,
  again: Reissue | undefined,
): Promise<Result<OpenStream, Refusal>> {
  const opened = await deps.files.open(record.asset.name, redemptionId);
  if (!opened.ok) return fail(fileRefusal(opened.error));
  const file = opened.value;
  let slot: Counter | undefined;
  try {
    if (!isAsPromised(record, file.asset, again)) return fail({ code: 'asset_changed' });
    slot = await takeSlot(deps);
    if (slot === undefined) return fail({ code: 'unavailable', retryAfterSeconds: RETRY_SECONDS });
    return ok({ file, slot });
  } finally {
    if (slot === undefined) file.abort();
  }
}

/** Takes the first free slot, starting the search at a random one. */
async function takeSlot({
  quota,
  streamConcurrency,
}: Pick<StreamDependencies, 'quota' | 'streamConcurrency'>): Promise<Counter | undefined> {
  const start = randomInt(streamConcurrency);
  for (let tried = 0; tried < Math.min(streamConcurrency, SLOTS_TRIED); tried += 1) {
    const slot = streamSlot((start + tried) % streamConcurrency);
    if ((await quota.take(slot)).taken) return slot;
  }
  return undefined;
}

/** Outcome of streaming a file. */
export interface DeliveryOutcome {
  /** `delivered`: Lambda accepted the last byte. `aborted`: the client disconnected, or reading the file failed. */
  readonly event: 'delivered' | 'aborted';
  /** Number of bytes that Lambda accepted. */
  readonly bytes: number;
}

/** Records how streaming ended, and frees the slot. The token stays redeemed either way. */
export async function noteDelivery(
  deps: Pick<StreamDependencies, 'clock' | 'ledger' | 'report' | 'quota'>,
  { record, redemptionId, slot }: StreamedRedemption,
  outcome: DeliveryOutcome,
): Promise<void> {
  const { tokenId, asset, recipient } = record;
  await refundQuota(deps, [slot], tokenId);
  await appendOrReport(deps, {
    ...outcome,
    tokenId,
    redemptionId,
    at: deps.clock(),
    asset: asset.name,
    ...(recipient && { pseudonym: recipient.pseudonym }),
  });
}
