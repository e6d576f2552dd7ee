import type { Refusal } from '../errors.ts';
import { epochSeconds, type Tenant, type UploadId } from '../ids.ts';
import { fail, ok, type Result } from '../result.ts';
import { type AdvanceDependencies, advance } from './advance.ts';
import { findUpload } from './find-upload.ts';
import type { FitsType, Inspection, Quarantine, StoredPart } from './ports.ts';
import { type Fact, hasEnded } from './states.ts';
import { isMultipart, partsOf, sizeOfPart, type Upload } from './upload.ts';

export interface FinalizeDependencies extends AdvanceDependencies {
  readonly quarantine: Pick<Quarantine, 'parts' | 'complete' | 'inspect' | 'firstBytes'>;
  readonly fitsType: FitsType;
}

/**
 * Checks that S3 has the declared file, and pins its version: from then on, no other bytes can be published under this
 * ID. A repeated or concurrent call finds the same version and changes nothing.
 *
 * @returns the resulting upload: published if the scanner has already found it clean, rejected if the object does not
 *   match its declaration
 * @throws Unavailable if a service is down. Repeating the call continues where this one stopped.
 */
export async function finalizeUpload(
  deps: FinalizeDependencies,
  uploadId: UploadId,
  tenant: Tenant,
): Promise<Result<Upload, Refusal>> {
  const found = await findUpload(deps, uploadId, tenant);
  if (!found.ok) return found;
  const upload = found.value;
  if (upload.state === 'expired') return fail({ code: 'upload_ended' });
  if (upload.version !== undefined || hasEnded(upload)) return ok(upload);
  if (epochSeconds(deps.clock()) >= upload.sessionExpiresAt) return fail({ code: 'upload_ended' });
  const checked = await check(deps, upload);
  if (!checked.ok) return checked;
  const after = (await advance(deps, uploadId, checked.value)) ?? upload;
  return after.state === 'expired' ? fail({ code: 'upload_ended' }) : ok(after);
}

/** Completes the object if it was sent in parts, and compares it with its declaration. */
async function check(deps: FinalizeDependencies, upload: Upload): Promise<Result<Fact, Refusal>> {
  if (isMultipart(upload)) {
    const assembled = await assemble(deps, upload);
    if (!assembled.ok) {
      return assembled.error === 'mismatch'
        ? ok({ kind: 'mismatched', reason: 'checksum_mismatch' })
        : fail({ code: 'upload_incomplete' });
    }
  }
  const object = await deps.quarantine.inspect(upload);
  if (object === undefined) return fail({ code: 'upload_incomplete' });
  const { version, size, base64 } = object;
  const reason = mismatchOf(upload, object);
  if (reason !== undefined) return ok({ kind: 'mismatched', reason });
  const begins = await deps.quarantine.firstBytes(upload, version);
  if (!(await deps.fitsType(upload.type, begins))) return ok({ kind: 'mismatched', reason: 'type_mismatch' });
  const isForm = upload.checksum.kind === 'form' && base64 !== undefined;
  const found = isForm && { found: { size, checksum: { kind: 'form', base64 } as const } };
  return ok({ kind: 'checked', version, ...found });
}

/**
 * Compares an object with its declaration. A form declares neither size nor checksum, so its object only has to be
 * within the maximum size and have a checksum. Files with a Content-Encoding are rejected: a signature cannot forbid
 * the header, and a browser would save the decoded file, which was not scanned.
 */
function mismatchOf(
  { size: most, checksum }: Upload,
  { size, base64, encoding }: Inspection,
): Extract<Fact, { kind: 'mismatched' }>['reason'] | undefined {
  if (encoding !== undefined) return 'type_mismatch';
  const isForm = checksum.kind === 'form';
  if (isForm ? size > most : size !== most) return 'size_mismatch';
  const isSame = isForm ? base64 !== undefined : base64 === checksum.base64;
  return isSame ? undefined : 'checksum_mismatch';
}

/**
 * Completes a multipart upload if all parts are there. Also succeeds if S3 no longer has the multipart upload, because
 * an earlier call may have completed it.
 */
async function assemble(
  { quarantine }: FinalizeDependencies,
  upload: Upload,
): Promise<Result<void, 'mismatch' | 'incomplete'>> {
  if (upload.multipartId === undefined) return fail('incomplete');
  const parts: StoredPart[] = [];
  let after: number | undefined;
  do {
    const page = await quarantine.parts(upload, after);
    if (!page.ok) return ok(undefined);
    parts.push(...page.value.parts);
    after = page.value.next;
  } while (after !== undefined);
  const whole =
    parts.length === partsOf(upload.size).partCount &&
    parts.every(({ partNumber, size }) => size === sizeOfPart(upload.size, partNumber));
  if (!whole) return fail('incomplete');
  const completed = await quarantine.complete(upload, parts);
  return !completed.ok && completed.error === 'mismatch' ? fail('mismatch') : ok(undefined);
}
