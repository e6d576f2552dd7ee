import type { Refusal } from '../errors.ts';
import type { UploadId } from '../ids.ts';
import { fail, ok, type Result } from '../result.ts';
import { type AdvanceDependencies, advance, lineOf, rewrite } from './advance.ts';
import type { Quarantine, Scanner, UploadHistory, Uploads } from './ports.ts';
import { afterAsking } from './states.ts';
import type { HistoryLine, Upload } from './upload.ts';

export interface ReviewDependencies extends AdvanceDependencies {
  readonly uploads: Uploads;
  readonly history: UploadHistory;
  readonly quarantine: Pick<Quarantine, 'markReleased'>;
  readonly scanner: Scanner;
}

/** Operator's decision about an upload. */
export type Decision = 'release' | 'reject' | 'rescan';

/** Returns an upload with its history, whichever tenant owns it. */
export async function showUpload(
  { uploads, history }: Pick<ReviewDependencies, 'uploads' | 'history'>,
  uploadId: UploadId,
): Promise<Result<{ readonly upload: Upload; readonly lines: readonly HistoryLine[] }, Refusal>> {
  const upload = await uploads.find(uploadId);
  if (upload === undefined) return fail({ code: 'not_found' });
  // The function that wrote the last step may have crashed before writing its line.
  await history.append(lineOf(upload));
  return ok({ upload, lines: await history.linesOf(uploadId) });
}

/**
 * Carries out an operator's decision. Only a parked upload can be released, and only the version that finalize checked.
 * An operator can reject any upload that has not ended. Once an upload is published, only another scan can reject it.
 *
 * @param by the operator, for the history
 */
export async function reviewUpload(
  deps: ReviewDependencies,
  { uploadId, decision, by }: { uploadId: UploadId; decision: Decision; by: string },
): Promise<Result<Upload, Refusal>> {
  const upload = await deps.uploads.find(uploadId);
  if (upload === undefined) return fail({ code: 'not_found' });
  switch (decision) {
    case 'release':
      return await release(deps, upload, by);
    case 'reject':
      return await reject(deps, upload, by);
    case 'rescan':
      return await rescan(deps, upload);
  }
}

async function release(
  deps: ReviewDependencies,
  upload: Upload,
  by: string,
): Promise<Result<Upload, Refusal>> {
  const { uploadId, version, state } = upload;
  // An upload that was published without a clean verdict has already been released.
  if (state === 'published' && upload.verdict?.result !== 'clean') return ok(upload);
  if (state !== 'parked') return fail({ code: 'not_parked' });
  if (version === undefined) return fail({ code: 'upload_incomplete' });
  const { versionId } = version;
  // The tag is set first, because a published object could not be read without it. The tag alone does not publish a
  // parked upload.
  await deps.quarantine.markReleased(uploadId, versionId);
  const after = await advance(deps, uploadId, { kind: 'released', by, versionId });
  return after?.state === 'published' ? ok(after) : fail({ code: 'not_parked' });
}

async function reject(
  deps: ReviewDependencies,
  upload: Upload,
  by: string,
): Promise<Result<Upload, Refusal>> {
  const after = await advance(deps, upload.uploadId, { kind: 'refused', by });
  if (after?.state === 'rejected') return ok(after);
  return fail(after?.state === 'published' ? { code: 'already_published' } : { code: 'upload_ended' });
}

async function rescan(deps: ReviewDependencies, upload: Upload): Promise<Result<Upload, Refusal>> {
  const { uploadId } = upload;
  const versionId = upload.version?.versionId ?? upload.verdict?.versionId;
  if (upload.state === 'rejected' || upload.state === 'expired') return fail({ code: 'upload_ended' });
  if (versionId === undefined) return fail({ code: 'upload_incomplete' });
  await deps.scanner.scan(uploadId, versionId);
  const after = await rewrite(deps, uploadId, (standing) =>
    standing.state === 'parked' ? afterAsking(standing, deps.clock()) : undefined,
  );
  return ok(after ?? upload);
}
