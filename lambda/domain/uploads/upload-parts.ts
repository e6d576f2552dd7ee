import type { Refusal } from '../errors.ts';
import { epochSeconds, secondsAfter, type Tenant, type UploadId } from '../ids.ts';
import type { Clock } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { findUpload } from './find-upload.ts';
import { SIGNED_SECONDS } from './open-upload.ts';
import type { Quarantine, SignedRequest, StoredPart, Uploads } from './ports.ts';
import { hasEnded } from './states.ts';
import { sizeOfPart, type Upload } from './upload.ts';

export interface UploadPartsDependencies {
  readonly clock: Clock;
  readonly uploads: Pick<Uploads, 'find'>;
  readonly quarantine: Pick<Quarantine, 'presignPart' | 'parts'>;
}

/** Signed request for one part. S3 accepts exactly `size` bytes. */
export interface SignedPart extends SignedRequest {
  readonly partNumber: number;
  /** Size in bytes. */
  readonly size: number;
}

/** Signs the requests that send the given parts. A part can be sent again until the upload is finalized. */
export async function signParts(
  deps: UploadPartsDependencies,
  { uploadId, tenant, partNumbers }: { uploadId: UploadId; tenant: Tenant; partNumbers: readonly number[] },
): Promise<Result<{ readonly parts: readonly SignedPart[]; readonly expiresAt: number }, Refusal>> {
  const open = await openMultipart(deps, uploadId, tenant);
  if (!open.ok) return open;
  const upload = open.value;
  const wanted = partNumbers.map((partNumber) => ({
    partNumber,
    size: sizeOfPart(upload.size, partNumber) ?? 0,
  }));
  if (wanted.some(({ size }) => size === 0)) {
    return fail({ code: 'invalid_request', field: 'partNumbers' });
  }
  const expiresAt = secondsAfter(epochSeconds(deps.clock()), SIGNED_SECONDS);
  const parts = await Promise.all(
    wanted.map(async (part) => ({
      ...part,
      ...(await deps.quarantine.presignPart(upload, part, SIGNED_SECONDS)),
    })),
  );
  return ok({ parts, expiresAt });
}

/** Lists stored parts, one page at a time, so that an interrupted client can send the missing ones. */
export async function listParts(
  deps: UploadPartsDependencies,
  { uploadId, tenant, after }: { uploadId: UploadId; tenant: Tenant; after?: number },
): Promise<Result<{ readonly parts: readonly StoredPart[]; readonly next?: number }, Refusal>> {
  const open = await openMultipart(deps, uploadId, tenant);
  if (!open.ok) return open;
  const page = await deps.quarantine.parts(open.value, after);
  return page.ok ? page : fail({ code: 'upload_ended' });
}

/** Finds a session that still accepts parts. */
async function openMultipart(
  deps: UploadPartsDependencies,
  uploadId: UploadId,
  tenant: Tenant,
): Promise<Result<Upload, Refusal>> {
  const found = await findUpload(deps, uploadId, tenant);
  if (!found.ok) return found;
  const upload = found.value;
  if (upload.multipartId === undefined) return fail({ code: 'invalid_request', field: 'uploadId' });
  const isOver = epochSeconds(deps.clock()) >= upload.sessionExpiresAt;
  return isOver || hasEnded(upload) || upload.version !== undefined
    ? fail({ code: 'upload_ended' })
    : ok(upload);
}
