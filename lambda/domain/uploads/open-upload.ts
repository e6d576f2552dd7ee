import type { Refusal } from '../errors.ts';
import type { Repetition } from '../idempotency.ts';
import { type EpochSeconds, epochSeconds, newUploadId, secondsAfter, type Tenant } from '../ids.ts';
import { tryRefund } from '../mail-quota.ts';
import type { Clock, Counter, Quota } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { lineOf, rewrite } from './advance.ts';
import { openSlot, uploadedBytes } from './limits.ts';
import type { Quarantine, SignedRequest, UploadHistory, Uploads } from './ports.ts';
import { afterBeginning, hasEnded } from './states.ts';
import { type Declared, isMultipart, namedUploadId, type Upload } from './upload.ts';

export interface OpenUploadDependencies {
  readonly clock: Clock;
  readonly uploads: Pick<Uploads, 'open' | 'find' | 'change'>;
  readonly history: Pick<UploadHistory, 'append'>;
  readonly quarantine: Pick<Quarantine, 'presignPut' | 'beginMultipart'>;
  readonly quota: Quota;
  readonly limits: UploadLimits;
}

/** Upload limits of a tenant. */
export interface UploadLimits {
  /** Maximum size of one upload, in bytes. */
  readonly mostBytes: number;
  /** Accepted media types. */
  readonly types: ReadonlySet<string>;
  /** Maximum number of concurrent sessions of one tenant. */
  readonly openSessions: number;
  /** Bytes that one tenant can declare per day. */
  readonly bytesPerDay: number;
  /** Duration of a session, in seconds. */
  readonly sessionSeconds: number;
}

/** Time within which a signed request must begin, in seconds. */
export const SIGNED_SECONDS = 120;

/** Largest single PUT, in bytes (Amazon S3 User Guide, "Uploading objects"). */
export const LARGEST_PUT = 5 * 1024 ** 3;

export interface OpenUploadRequest extends Declared {
  readonly tenant: Tenant;
}

/** Open session, with the signed request that sends the file. */
export interface OpenUpload {
  readonly upload: Upload;
  /** Absent if the file is sent in parts, if S3 already has it, or if the session is over. */
  readonly put?: SignedRequest & { readonly expiresAt: number };
}

/**
 * Opens a session for one file, and signs the request that sends it. The signature covers size, checksum, type,
 * encryption, and the condition that the object does not exist yet, so S3 refuses anything else. For a file that is
 * sent in parts, this begins the multipart upload instead of signing a request.
 *
 * @param repetition identity of a request with an idempotency key. A retry returns the same session with a fresh
 *   signature.
 */
export async function openUpload(
  deps: OpenUploadDependencies,
  request: OpenUploadRequest,
  repetition?: Repetition,
): Promise<Result<OpenUpload, Refusal>> {
  const { limits } = deps;
  if (request.size > limits.mostBytes || (!isMultipart(request) && request.size > LARGEST_PUT)) {
    return fail({ code: 'upload_too_large' });
  }
  if (!limits.types.has(request.type)) return fail({ code: 'type_not_allowed' });
  const uploadId = repetition === undefined ? newUploadId() : namedUploadId(repetition.name);
  let upload = repetition === undefined ? undefined : await deps.uploads.find(uploadId);
  if (upload === undefined) {
    // The session begins before its slot is taken, so that the session is over by the time the slot's window ends.
    const now = deps.clock();
    const counted = await count(deps, request, epochSeconds(now));
    if (!counted.ok) return counted;
    const { slot, counters } = counted.value;
    const digest = repetition?.digest;
    const details = { uploadId, now, slot, ...(digest !== undefined && { digest }) };
    const fresh = freshUpload(deps, request, details);
    upload = await deps.uploads.open(fresh);
    // A concurrent request with the same key stored its upload first.
    if (!isSame(upload, fresh)) await tryRefund(deps.quota, counters);
  }
  if (upload.digest !== repetition?.digest) return fail({ code: 'idempotency_key_reused' });
  await deps.history.append(lineOf(upload));
  return ok(await signed(deps, upload));
}

/** Returns a new upload in its initial state. */
export function freshUpload(
  { limits }: { readonly limits: Pick<UploadLimits, 'sessionSeconds'> },
  { tenant, fileName, size, type, checksum }: OpenUploadRequest,
  { now, ...details }: { readonly now: Date } & Pick<Upload, 'uploadId' | 'slot' | 'digest' | 'linkId'>,
): Upload {
  const createdAt = epochSeconds(now);
  const sessionExpiresAt = secondsAfter(createdAt, limits.sessionSeconds);
  return {
    ...details,
    tenant,
    fileName,
    size,
    type,
    checksum,
    state: 'created',
    step: { event: 'opened' },
    revision: 0,
    createdAt,
    changedAt: now,
    sessionExpiresAt,
    dueAt: sessionExpiresAt,
    closed: false,
    asked: 0,
  };
}

/** Returns whether this request created the stored upload, even if its state has changed since. */
const isSame = (standing: Upload, put: Upload): boolean =>
  standing.slot === put.slot && standing.createdAt === put.createdAt;

/**
 * Signs the request that sends the file, or begins its multipart upload, unless the file has arrived or the session is
 * over.
 */
async function signed(deps: OpenUploadDependencies, upload: Upload): Promise<OpenUpload> {
  const now = epochSeconds(deps.clock());
  if (isMultipart(upload)) return { upload: await begun(deps, upload) };
  if (upload.state !== 'created' || now >= upload.sessionExpiresAt) return { upload };
  const put = await deps.quarantine.presignPut(upload, SIGNED_SECONDS);
  return { upload, put: { ...put, expiresAt: secondsAfter(now, SIGNED_SECONDS) } };
}

/** Begins the multipart upload of a session, unless it has begun or the session is over. */
export async function begun(
  deps: Pick<OpenUploadDependencies, 'clock' | 'uploads' | 'history' | 'quota'> & {
    readonly quarantine: Pick<Quarantine, 'beginMultipart'>;
  },
  upload: Upload,
): Promise<Upload> {
  const isLate = epochSeconds(deps.clock()) >= upload.sessionExpiresAt;
  if (upload.state !== 'created' || isLate || upload.multipartId !== undefined) return upload;
  const multipartId = await deps.quarantine.beginMultipart(upload);
  const after = await rewrite(deps, upload.uploadId, (standing) =>
    // If a concurrent request began another multipart upload first, the bucket's lifecycle rule aborts this one.
    standing.multipartId !== undefined || hasEnded(standing)
      ? undefined
      : afterBeginning(standing, multipartId, deps.clock()),
  );
  return after ?? upload;
}

/** Counts the session and its bytes. */
async function count(
  deps: OpenUploadDependencies,
  { tenant, size }: OpenUploadRequest,
  createdAt: EpochSeconds,
): Promise<Result<{ readonly slot: number; readonly counters: readonly Counter[] }, Refusal>> {
  const { quota, limits } = deps;
  const bytes = uploadedBytes(tenant, size, limits);
  const counted = await quota.take(bytes);
  if (!counted.taken) {
    return fail({
      code: 'quota_exceeded',
      retryAfterSeconds: counted.retryAfterSeconds,
      limit: 'upload_bytes',
    });
  }
  const sessionExpiresAt = secondsAfter(createdAt, limits.sessionSeconds);
  let retryAfterSeconds = limits.sessionSeconds;
  for (let slot = 0; slot < limits.openSessions; slot += 1) {
    const counter = openSlot({ tenant, slot, createdAt, sessionExpiresAt });
    const taken = await quota.take(counter);
    if (taken.taken) return ok({ slot, counters: [bytes, counter] });
    retryAfterSeconds = Math.min(retryAfterSeconds, taken.retryAfterSeconds);
  }
  await tryRefund(deps.quota, [bytes]);
  return fail({ code: 'quota_exceeded', retryAfterSeconds, limit: 'open_uploads' });
}
