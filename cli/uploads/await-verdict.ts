import type { Io } from '../tvm/io.ts';
import type { Upload, UploadState } from './upload.ts';
import type { UploadsApi } from './uploads-api.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;

/** Ten minutes. A few more would not help: the server asks for a missing verdict only after fifteen. */
const TIMEOUT_MS = 600_000;

const WAITING: ReadonlySet<UploadState> = new Set(['created', 'uploaded', 'finalized', 'clean']);

/** Returns whether an upload is waiting for the malware scan. */
export const isWaiting = ({ state }: Pick<Upload, 'state'>): boolean => WAITING.has(state);

/**
 * Waits until the malware scan has judged an upload, for up to ten minutes.
 *
 * @returns the upload, which is still waiting if no verdict arrived
 */
export async function awaitVerdict(
  api: Pick<UploadsApi, 'read'>,
  upload: Upload,
  { now, wait, signal }: Pick<Io, 'now' | 'wait' | 'signal'>,
): Promise<Upload> {
  const until = now().getTime() + TIMEOUT_MS;
  let latest = upload;
  for (let pause = FIRST_PAUSE_MS; isWaiting(latest) && now().getTime() < until; ) {
    await wait(pause, signal);
    latest = await api.read(upload.uploadId);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
  return latest;
}
