import pMap from 'p-map';
import type { LocalFile } from '../files/local-file.ts';
import type { ByteRange } from '../files/read-file.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import { type Sending, sendRange } from './send-range.ts';
import type { SignedPart, SignedPut, UploadSession } from './upload.ts';
import type { UploadsApi } from './uploads-api.ts';

/** Number of parts that are sent at the same time. Their URLs are signed together, shortly before they are used. */
const CONCURRENCY = 4;

interface Part extends ByteRange {
  /** Starts at 1. */
  readonly number: number;
}

export function sendWhole(
  sign: () => Promise<UploadSession>,
  session: UploadSession,
  file: LocalFile,
  sending: Sending,
): Promise<void> {
  const signed = async (attempt: number) => putOf(attempt === 1 ? session : await sign());
  return sendRange(signed, file, { start: 0, length: file.size }, sending);
}

const putOf = ({ url, headers }: UploadSession): SignedPut | undefined =>
  url === undefined || headers === undefined ? undefined : { url, headers };

/**
 * Sends the parts of a file that S3 does not have, four at a time.
 *
 * @param found is called with the number of bytes that S3 already has
 */
export async function sendParts(
  api: Pick<UploadsApi, 'storedParts' | 'signParts'>,
  { uploadId, partSize }: { readonly uploadId: string; readonly partSize: number },
  file: LocalFile,
  found: (bytes: number) => void,
  sending: Sending,
): Promise<void> {
  const stored = await api.storedParts(uploadId);
  // Either S3 has assembled the file, or the session has ended. Finalizing shows which.
  if (stored === undefined) return found(file.size);
  const missing = partsOf(file.size, partSize).filter(({ number, length }) => stored.get(number) !== length);
  found(file.size - missing.reduce((sum, { length }) => sum + length, 0));
  const failed = new AbortController();
  const signal = AbortSignal.any([sending.signal, failed.signal]);
  const urls = urlsInGroups((numbers) => api.signParts(uploadId, numbers), missing);
  try {
    await pMap(
      missing,
      (part) => sendRange((attempt) => urls(part, attempt), file, part, { ...sending, signal }),
      { concurrency: CONCURRENCY, signal },
    );
  } catch (error) {
    failed.abort();
    throw error;
  }
}

/** Returns a function that requests the URL for a part. The first attempt requests the URLs for the whole group. */
function urlsInGroups(
  sign: (numbers: readonly number[]) => Promise<readonly SignedPart[]>,
  parts: readonly Part[],
): (part: Part, attempt: number) => Promise<SignedPut> {
  const groups = new Map<number, Promise<readonly SignedPart[]>>();
  const groupOf = (part: Part): Promise<readonly SignedPart[]> => {
    const first = Math.floor(parts.indexOf(part) / CONCURRENCY) * CONCURRENCY;
    const signed =
      groups.get(first) ?? sign(parts.slice(first, first + CONCURRENCY).map(({ number }) => number));
    groups.set(first, signed);
    return signed;
  };
  return async (part, attempt) => {
    const signed = await (attempt === 1 ? groupOf(part) : sign([part.number]));
    const own = signed.find(({ partNumber }) => partNumber === part.number);
    if (own?.size === part.length) return own;
    throw new CommandFailure('unreachable', `The API signed the wrong request for part ${part.number}.`);
  };
}

function partsOf(size: number, partSize: number): readonly Part[] {
  return Array.from({ length: Math.ceil(size / partSize) }, (_, at) => ({
    number: at + 1,
    start: at * partSize,
    length: Math.min(partSize, size - at * partSize),
  }));
}
