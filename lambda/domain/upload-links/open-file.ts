import { createHash } from 'node:crypto';
import type { Refusal } from '../errors.ts';
import { epochSeconds, newUploadId, type UploadId } from '../ids.ts';
import { DAY_SECONDS } from '../lifetime.ts';
import { tryRefund } from '../mail-quota.ts';
import type { Counter, Quota } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { type AdvanceDependencies, lineOf } from '../uploads/advance.ts';
import { uploadedBytes } from '../uploads/limits.ts';
import { begun, freshUpload, LARGEST_PUT, type UploadLimits } from '../uploads/open-upload.ts';
import type { Quarantine, UploadHistory, Uploads } from '../uploads/ports.ts';
import { type Declared, isMultipart, type Upload } from '../uploads/upload.ts';
import { isHalfSent } from './link-files.ts';
import type { FormSigner, SignedForm } from './ports.ts';
import { type PresentDependencies, presentOpenLink, whileOpen } from './present-link.ts';
import { type RewriteDependencies, rewriteLink } from './rewrite-link.ts';
import type { Place, UploadLink } from './upload-link.ts';

export interface OpenFileDependencies extends PresentDependencies, RewriteDependencies {
  readonly links: PresentDependencies['links'] & RewriteDependencies['links'];
  readonly uploads: Pick<Uploads, 'open'> & AdvanceDependencies['uploads'];
  readonly history: Pick<UploadHistory, 'append'>;
  readonly quarantine: Pick<Quarantine, 'beginMultipart'>;
  readonly quota: Quota;
  readonly limits: Pick<UploadLimits, 'bytesPerDay' | 'sessionSeconds'>;
}

/**
 * Opens a file in a link, which takes one of the link's places. Opening the same file again returns the same upload, so
 * a reloaded page resumes where it stopped.
 */
export async function openFile(
  deps: OpenFileDependencies,
  text: string,
  declared: Declared,
): Promise<Result<Upload, Refusal>> {
  const presented = await presentOpenLink(deps, text);
  if (!presented.ok) return presented;
  const link = presented.value;
  if (declared.size > link.mostBytes) return fail({ code: 'upload_too_large' });
  if (!link.types.includes(declared.type)) return fail({ code: 'type_not_allowed' });
  const placed = await place(deps, link, declared);
  if (!placed.ok) return placed;
  const now = deps.clock();
  const { tenant, linkId } = link;
  const details = { uploadId: placed.value, linkId, now };
  const upload = await deps.uploads.open(freshUpload(deps, { ...declared, tenant }, details));
  await deps.history.append(lineOf(upload));
  return ok(isMultipart(upload) ? await begun(deps, upload) : upload);
}

/** Lifetime of a form, in seconds: long enough to pick a file. */
const FORM_SECONDS = 900;

/**
 * Opens a file when only its name is known, and signs the form used to upload it. The form is absent if S3 already has
 * the file.
 */
export async function openForm(
  deps: OpenFileDependencies & { readonly forms: FormSigner },
  text: string,
  {
    fileName,
    typeOf,
    returnTo,
  }: {
    readonly fileName: string;
    /** Returns the usual type of files with this name, if it is one of `types`. */
    readonly typeOf: (fileName: string, types: readonly string[]) => string | undefined;
    readonly returnTo: string;
  },
): Promise<Result<{ readonly upload: Upload; readonly form?: SignedForm }, Refusal>> {
  const presented = await presentOpenLink(deps, text);
  if (!presented.ok) return presented;
  const { mostBytes, types } = presented.value;
  const type = typeOf(fileName, types);
  if (type === undefined) return fail({ code: 'type_not_allowed' });
  const size = Math.min(mostBytes, LARGEST_PUT);
  const opened = await openFile(deps, text, { fileName, type, size, checksum: { kind: 'form', base64: '' } });
  if (!opened.ok) return opened;
  const upload = opened.value;
  if (upload.state !== 'created') return ok({ upload });
  return ok({ upload, form: await deps.forms.presignForm(upload, { seconds: FORM_SECONDS, returnTo }) });
}

/**
 * Assigns a place to a file. A file keeps its place, but gets a new upload if the earlier one was cancelled or timed
 * out, or was sent with a form and rejected.
 *
 * @returns the ID of the upload in that place; the upload might not have been opened yet
 */
async function place(
  deps: OpenFileDependencies,
  link: UploadLink,
  declared: Declared,
): Promise<Result<UploadId, Refusal>> {
  const fingerprint = fingerprintOf(declared);
  const known = await standingPlace(deps, link, fingerprint);
  if (known !== undefined) return ok(known.uploadId);
  const counters = [linkBytes(link, declared.size), uploadedBytes(link.tenant, declared.size, deps.limits)];
  const counted = await countAll(deps, counters);
  if (!counted.ok) return counted;
  const uploadId = newUploadId();
  const rewritten = await rewriteLink(deps, link.linkId, async (standing) => {
    const open = whileOpen(standing, epochSeconds(deps.clock()));
    if (!open.ok) return open;
    // A concurrent request, for example from another tab, got there first.
    if ((await standingPlace(deps, standing, fingerprint)) !== undefined) return ok(undefined);
    const others = standing.files.filter((file) => file.fingerprint !== fingerprint);
    if (others.length >= standing.mostFiles) return fail({ code: 'too_many_files' });
    return ok({
      files: [...others, { uploadId, fingerprint }],
      step: { event: 'file-opened', file: uploadId },
    });
  });
  const placed = rewritten.ok
    ? rewritten.value.files.find((file) => file.fingerprint === fingerprint)
    : undefined;
  if (placed?.uploadId !== uploadId) await tryRefund(deps.quota, counters);
  if (!rewritten.ok) return rewritten;
  return ok(placed?.uploadId ?? uploadId);
}

/** Returns the place of a file, unless its upload has ended and the file can be sent again. */
async function standingPlace(
  { clock, uploads }: OpenFileDependencies,
  { files }: UploadLink,
  fingerprint: string,
): Promise<Place | undefined> {
  const found = files.find((file) => file.fingerprint === fingerprint);
  if (found === undefined) return undefined;
  const upload = await uploads.find(found.uploadId);
  if (upload === undefined) return found;
  // The same bytes would be rejected again, but a form may send different bytes under the same name.
  const isForm = upload.checksum.kind === 'form';
  // The sweep may not have ended the session yet.
  const isLate = isHalfSent(upload) && epochSeconds(clock()) >= upload.sessionExpiresAt;
  const isOver = isLate || upload.state === 'expired' || (isForm && upload.state === 'rejected');
  return isOver ? undefined : found;
}

function fingerprintOf({ fileName, size, type, checksum }: Declared): string {
  const terms = [fileName, size, type, checksum.kind, checksum.base64];
  return createHash('sha256').update(JSON.stringify(terms)).digest('base64url').slice(0, 22);
}

/** Bytes that the holder can declare per day, as a multiple of the link's total capacity. */
const TRIES_FOR_EACH_FILE = 3;

/** Number of small files that together count as much as one file of maximum size. */
const SMALL_FILES = 10;

/**
 * Returns the counter of the bytes that the holder of one link declares in a day. Files can be removed and opened
 * again, so without this counter a holder could use up the inviter's daily bytes. Each file counts as at least a tenth
 * of the maximum size, because even a one-byte file costs rows, S3 calls, and sweep time.
 */
function linkBytes({ linkId, mostFiles, mostBytes }: UploadLink, size: number): Counter {
  const limit = TRIES_FOR_EACH_FILE * mostFiles * mostBytes;
  const amount = Math.max(size, Math.floor(mostBytes / SMALL_FILES));
  return { name: `link-bytes/${linkId}`, limit, windowSeconds: DAY_SECONDS, amount };
}

/** Counts the file in all counters, or in none if one of them is full. */
async function countAll(
  deps: OpenFileDependencies,
  counters: readonly Counter[],
): Promise<Result<void, Refusal>> {
  for (const [index, counter] of counters.entries()) {
    const counted = await deps.quota.take(counter);
    if (counted.taken) continue;
    await tryRefund(deps.quota, counters.slice(0, index));
    const { retryAfterSeconds } = counted;
    return fail({ code: 'quota_exceeded', retryAfterSeconds, limit: 'upload_bytes' });
  }
  return ok(undefined);
}
