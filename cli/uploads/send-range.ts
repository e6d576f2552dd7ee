import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isNativeError } from 'node:util/types';
import { HttpRequest } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { FileChanged, type LocalFile } from '../files/local-file.ts';
import { type ByteRange, bytesToSend } from '../files/read-file.ts';
import { CLIENT_SETTINGS } from '../tvm/client-settings.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import { isNetworkError } from '../tvm/failure-of.ts';
import type { Io } from '../tvm/io.ts';
import type { SignedPut } from './upload.ts';

/** Callbacks and signal for reporting progress, pausing, and stopping while bytes are sent. */
export interface Sending extends Pick<Io, 'wait'> {
  readonly signal: AbortSignal;
  /** Called with the number of bytes that were sent; negative if they have to be sent again. */
  advance(bytes: number): void;
}

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;

interface S3Response {
  readonly status: number;
  /** The code of an error, such as `PreconditionFailed`. */
  readonly code: string;
}

/**
 * Sends some bytes of a file to a presigned URL, and retries if that fails.
 *
 * @param sign returns a URL that has not expired, or `undefined` if S3 already has the bytes
 * @throws CommandFailure if S3 refuses the bytes, or the file changed. No message contains the URL.
 */
export async function sendRange(
  sign: (attempt: number) => Promise<SignedPut | undefined>,
  file: LocalFile,
  range: ByteRange,
  { signal, advance, wait }: Sending,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const put = await sign(attempt);
    if (put === undefined) return;
    let sent = 0;
    const count = (bytes: number) => {
      sent += bytes;
      advance(bytes);
    };
    const last = attempt === ATTEMPTS;
    try {
      const received = await putOnce(put, file, range, { signal, advance: count });
      if (isStored(received)) return;
      if (last || !isTemporary(received)) throw refusal(file, received);
    } catch (error) {
      if (last || signal.aborted || !isNativeError(error) || !isNetworkError(error)) throw error;
    }
    advance(-sent);
    await wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
  }
}

/** Sends the bytes once. `Expect: 100-continue` lets S3 refuse the request before they are sent. */
async function putOnce(
  { url, headers }: SignedPut,
  file: LocalFile,
  range: ByteRange,
  { signal, advance }: Pick<Sending, 'signal' | 'advance'>,
): Promise<S3Response> {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const over = new AbortController();
  const body = Readable.from(bytesToSend(file, range, over, advance), { objectMode: false });
  const handler = new NodeHttpHandler(CLIENT_SETTINGS.requestHandler);
  try {
    const request = new HttpRequest({
      method: 'PUT',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: `${pathname}${search}`,
      headers: { ...headers, expect: '100-continue' },
      body,
    });
    const { response } = await handler.handle(request, {
      abortSignal: AbortSignal.any([signal, over.signal]),
    });
    const [, code = ''] = /<Code>(\w{1,60})<\/Code>/.exec(await text(response.body)) ?? [];
    return { status: response.statusCode, code };
  } catch (error) {
    over.signal.throwIfAborted();
    throw error;
  } finally {
    // S3 may respond before it has read everything.
    over.abort();
    body.destroy();
    handler.destroy();
  }
}

/** Returns whether S3 has the bytes. 412 means that an earlier attempt succeeded: only this URL can create the object. */
const isStored = ({ status }: S3Response): boolean => (status >= 200 && status < 300) || status === 412;

/**
 * Returns whether another attempt may help. That attempt gets a fresh URL, because S3 returns 403 for an expired URL,
 * and 400 if the credentials that signed it have expired.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const isTemporary = ({ status, code }: S3Response): boolean =>
  status >= 500 ||
  [403, 409, 429].includes(status) ||
  ['ExpiredToken', 'RequestTimeout', 'SlowDown'].includes(code);

const CHANGED: ReadonlySet<string> = new Set(['BadDigest', 'IncompleteBody', 'XAmzContentChecksumMismatch']);

function refusal({ path }: LocalFile, { status, code }: S3Response): CommandFailure {
  if (CHANGED.has(code)) return new FileChanged(path);
  if (code === 'NoSuchUpload') {
    return new CommandFailure('no', 'This upload has ended.', 'Run the same command again.');
  }
  const message = `S3 refused the file with HTTP status ${status}${code === '' ? '' : ` (${code})`}.`;
  return status >= 500
    ? new CommandFailure(
        'unreachable',
        message,
        'Run the same command again later: it sends what is missing.',
      )
    : new CommandFailure('no', message);
}
