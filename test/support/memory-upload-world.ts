import type { Refusal } from '../../lambda/domain/errors.ts';
import type { Tenant, UploadId } from '../../lambda/domain/ids.ts';
import type { Result } from '../../lambda/domain/result.ts';
import { finalizeUpload } from '../../lambda/domain/uploads/finalize-upload.ts';
import { type Judged, judgeUpload, resultOf } from '../../lambda/domain/uploads/judge-upload.ts';
import { openUpload } from '../../lambda/domain/uploads/open-upload.ts';
import type { ScanTag } from '../../lambda/domain/uploads/ports.ts';
import type { Upload } from '../../lambda/domain/uploads/upload.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryQuarantine, type StoredVersion } from './memory-quarantine.ts';
import { MemoryQuota } from './memory-quota.ts';
import { MemoryScanner } from './memory-scanner.ts';
import { MemoryUploadHistory } from './memory-upload-history.ts';
import { MemoryUploads } from './memory-uploads.ts';
import { BEGINNING } from './memory-world.ts';
import { declared, fitsPdf, pdf, type SampleFile } from './sample-files.ts';

/** Two separate tenants. */
export const TENANT = 'iam:AROAREPORTSEXAMPLE123' as Tenant;
export const STRANGER = 'iam:AROASTRANGEREXAMPLE45' as Tenant;

export const SESSION_SECONDS = 86_400;

/** Creates the in-memory ports and settings of uploads, with the names that the domain uses. */
export function createUploadWorld() {
  const time = new ManualClock(BEGINNING);
  const clock = time.read;
  return {
    time,
    clock,
    uploads: new MemoryUploads(),
    history: new MemoryUploadHistory(),
    quarantine: new MemoryQuarantine(clock),
    scanner: new MemoryScanner(),
    quota: new MemoryQuota(clock),
    fitsType: fitsPdf,
    limits: {
      mostBytes: 1024 ** 4,
      types: new Set(['application/pdf', 'text/plain']),
      openSessions: 3,
      bytesPerDay: 2 * 1024 ** 4,
      sessionSeconds: SESSION_SECONDS,
    },
  };
}

export type UploadWorld = ReturnType<typeof createUploadWorld>;

/** Returns the value of a successful result. @throws Error if the operation was refused */
export function value<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new Error(`refused: ${result.error.code}`);
  return result.value;
}

/** Opens a session for a file. */
export async function opened(world: UploadWorld, file: SampleFile = pdf()): Promise<Upload> {
  return value(await openUpload(world, { tenant: TENANT, ...declared(file) })).upload;
}

/** Opens a session and sends the file. */
export async function sent(
  world: UploadWorld,
  file: SampleFile = pdf(),
): Promise<{ readonly upload: Upload; readonly version: StoredVersion }> {
  const { upload, put } = value(await openUpload(world, { tenant: TENANT, ...declared(file) }));
  if (put === undefined || world.quarantine.send(put, file) !== 200) throw new Error('S3 refused the file');
  const [version] = world.quarantine.versionsOf(upload.uploadId);
  if (version === undefined) throw new Error('S3 has no version');
  return { upload, version };
}

/** Sends a file, and finalizes its upload before the scanner has judged it. */
export async function finalized(world: UploadWorld): ReturnType<typeof sent> {
  const { upload, version } = await sent(world);
  return { upload: value(await finalizeUpload(world, upload.uploadId, TENANT)), version };
}

/** Tags a version as the scanner does, and delivers the scanner's message. */
export async function scanned(world: UploadWorld, version: StoredVersion, tag: ScanTag): Promise<Judged> {
  world.quarantine.tag(version.uploadId, version.versionId, tag);
  return await told(world, version, tag);
}

/** Delivers the scanner's message about a version, whatever the version's tag is. */
export async function told(
  world: UploadWorld,
  { uploadId, versionId }: Pick<StoredVersion, 'uploadId' | 'versionId'>,
  tag: ScanTag,
): Promise<Judged> {
  return await judgeUpload(world, { kind: 'scanned', uploadId, versionId, result: resultOf(tag) });
}

export function rowOf({ uploads }: UploadWorld, uploadId: UploadId): Upload {
  const row = uploads.rows.get(uploadId);
  if (row === undefined) throw new Error('Unknown upload');
  return row;
}
