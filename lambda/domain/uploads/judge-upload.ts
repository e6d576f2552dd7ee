import type { UploadId } from '../ids.ts';
import { type AdvanceDependencies, advance } from './advance.ts';
import { type CloseDependencies, closeUpload } from './close-upload.ts';
import type { Quarantine, ScanTag } from './ports.ts';
import { hasEnded, isDecided } from './states.ts';
import type { ScanResult, Upload } from './upload.ts';

export interface JudgeDependencies extends AdvanceDependencies, CloseDependencies {
  readonly quarantine: Pick<Quarantine, 'tagOf' | 'remove' | 'removeAllBut'>;
}

/** Message that S3 has stored a version of an object, or that the scanner has a verdict on one. */
export type Message =
  | { readonly kind: 'arrived'; readonly uploadId: UploadId; readonly versionId: string }
  | {
      readonly kind: 'scanned';
      readonly uploadId: UploadId;
      readonly versionId: string;
      readonly result: ScanResult;
    };

/** Outcome of handling a message, for the log. */
export type Judged = 'unknown-upload' | 'stray-version' | 'noted' | 'published' | 'rejected' | 'parked';

const RESULTS: Readonly<Record<ScanTag, ScanResult>> = {
  NO_THREATS_FOUND: 'clean',
  THREATS_FOUND: 'threats',
  UNSUPPORTED: 'unsupported',
  ACCESS_DENIED: 'access_denied',
  FAILED: 'failed',
};

/** Returns the scan result that corresponds to a scanner's tag. */
export const resultOf = (tag: ScanTag): ScanResult => RESULTS[tag];

/** Thrown if a message reports that a version is clean, but the version has no tag. The message is delivered again. */
export class TagMissing extends Error {
  override readonly name = 'TagMissing';
}

/**
 * Handles a message about a version of an object. Messages can arrive twice, late, or in any order. A `clean` result in
 * a message is not trusted by itself: the tag decides, because only the scanner can set it.
 *
 * @throws TagMissing if the message says `clean`, but the version has no tag yet
 */
export async function judgeUpload(deps: JudgeDependencies, message: Message): Promise<Judged> {
  const { uploadId, versionId } = message;
  const known = await deps.uploads.find(uploadId);
  if (known === undefined) return 'unknown-upload';
  if (isStray(known, versionId)) {
    await deps.quarantine.remove(uploadId, versionId);
    return 'stray-version';
  }
  const before = known.state;
  const after =
    message.kind === 'arrived'
      ? await advance(deps, uploadId, { kind: 'arrived' })
      : await advance(deps, uploadId, {
          kind: 'verdict',
          versionId,
          result: await trustedResult(deps, message),
        });
  if (after === undefined) return 'unknown-upload';
  if (hasEnded(after)) await closeUpload(deps, after);
  // Finalize may have pinned a different version in the meantime.
  if (isStray(after, versionId)) await deps.quarantine.remove(uploadId, versionId);
  return after.state === before || !isDecided(after.state) ? 'noted' : after.state;
}

/**
 * Returns the result in the version's tag. Without a tag, the message is trusted unless it says `clean`. A message that
 * reports threats is always trusted.
 */
async function trustedResult(
  { quarantine }: JudgeDependencies,
  { uploadId, versionId, result }: Extract<Message, { kind: 'scanned' }>,
): Promise<ScanResult> {
  if (result === 'threats') return result;
  const tag = await quarantine.tagOf(uploadId, versionId);
  if (tag !== undefined) return resultOf(tag);
  if (result === 'clean') throw new TagMissing('A version was reported as clean but has no tag');
  return result;
}

/**
 * Returns whether a version can never be published, because a different one is pinned, or because the upload was
 * rejected or has expired.
 */
function isStray(upload: Upload, versionId: string): boolean {
  if (upload.version !== undefined && upload.version.versionId !== versionId) return true;
  return upload.state === 'rejected' || upload.state === 'expired';
}
