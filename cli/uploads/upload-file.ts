import { FileChanged, type LocalFile } from '../files/local-file.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { Io } from '../tvm/io.ts';
import { type Declared, keyOfFile } from './declare-file.ts';
import { sendParts, sendWhole } from './send-file.ts';
import type { Sending } from './send-range.ts';
import { Upload, type UploadSession } from './upload.ts';
import type { UploadsApi } from './uploads-api.ts';

/** The state of an upload after this run. */
export interface Sent {
  readonly upload: Upload;
  /** The number of bytes that this run sent. */
  readonly sent: number;
}

/** Maximum number of ended sessions for the same file before a run gives up. */
const MOST_ENDED = 20;

/**
 * Sends a file and has the server check it. Sends only the bytes that earlier runs have not sent.
 *
 * @param watched runs the transfer with a progress bar
 * @throws CommandFailure if the server or S3 refuses the file, or if the file changed, which also cancels the session
 */
export async function uploadFile(
  api: UploadsApi,
  file: LocalFile,
  declared: Declared,
  { now, wait, signal }: Pick<Io, 'now' | 'wait' | 'signal'>,
  watched: (send: (advance: Sending['advance']) => Promise<void>) => Promise<void>,
): Promise<Sent> {
  const { session, key } = await openSession(api, file, declared, now);
  const { uploadId, partSize } = session;
  if (isOver(session)) return { upload: Upload.parse(session), sent: 0 };
  let sent = 0;
  if (session.state === 'created') {
    try {
      await watched((advance) => {
        const count = (bytes: number) => {
          sent += bytes;
          advance(bytes);
        };
        const sending = { wait, signal, advance: count };
        return partSize === undefined
          ? sendWhole(() => api.open(declared, key), session, file, sending)
          : sendParts(api, { uploadId, partSize }, file, advance, sending);
      });
    } catch (error) {
      // Best effort: a session that is not cancelled ends later by itself.
      if (error instanceof FileChanged) await api.cancel(uploadId).catch(() => undefined);
      throw error;
    }
  }
  return { upload: await api.finalize(uploadId), sent };
}

/**
 * Opens a session for a file, or finds the one that an earlier run opened. Opens another session if the first ended without
 * receiving the file.
 */
async function openSession(
  api: UploadsApi,
  file: LocalFile,
  declared: Declared,
  now: Io['now'],
): Promise<{ readonly session: UploadSession; readonly key: string }> {
  const ended: string[] = [];
  while (ended.length < MOST_ENDED) {
    const key = keyOfFile(file, declared, ended);
    const session = await api.open(declared, key);
    if (!isFruitless(session, now())) return { session, key };
    ended.push(session.uploadId);
  }
  throw new CommandFailure(
    'no',
    `${MOST_ENDED} sessions for ${file.path} have ended without receiving the file.`,
    'Change its modification time, for example with "touch", to start over.',
  );
}

const MISMATCHES: ReadonlySet<string | undefined> = new Set(['size_mismatch', 'checksum_mismatch']);

const isOver = ({ state }: Upload): boolean => state === 'published' || state === 'rejected';

/** Returns whether a session has ended without receiving the file. */
const isFruitless = ({ state, reason, sessionExpiresAt }: Upload, now: Date): boolean =>
  state === 'expired' ||
  (state === 'rejected' && MISMATCHES.has(reason)) ||
  (state === 'created' && new Date(sessionExpiresAt) <= now);
