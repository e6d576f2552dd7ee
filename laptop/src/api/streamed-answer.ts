import { MOVED, type ResponseBody } from '../functions/response-body.ts';
import { DELIMITER, readStreamMetadata, type StreamHead } from './stream-metadata.ts';

/** An answer whose body is still being made. It must be read to its end or destroyed. */
export interface StreamedAnswer extends StreamHead {
  readonly stream: ResponseBody;
}

/** How long a stream may take. */
export interface StreamLimits {
  /** Milliseconds for all of it: the integration's timeout. */
  readonly totalMs: number;
  /** Milliseconds in which no byte comes and none is taken. */
  readonly idleMs: number;
}

/** The delimiter must stand within so many bytes. */
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Reads status and headers of a streamed answer as soon as the function has sent them; what follows stays in the body.
 *
 * @returns `malformed` if there are none, because the function failed, sends something else or does not stream;
 * `timeout` if they are late. The body is destroyed then.
 */
export async function readStreamedAnswer(
  stream: ResponseBody,
  limits: StreamLimits,
): Promise<StreamedAnswer | 'malformed' | 'timeout'> {
  const { isOver } = limit(stream, limits);
  const head = await readHead(stream);
  if (head !== undefined) return { ...head, stream };
  stream.destroy();
  return isOver() ? 'timeout' : 'malformed';
}

async function readHead(stream: ResponseBody): Promise<StreamHead | undefined> {
  let read = Buffer.alloc(0);
  const chunks: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  try {
    for await (const chunk of chunks) {
      read = Buffer.concat([read, chunk]);
      const end = read.subarray(0, MAX_HEAD_BYTES).indexOf(DELIMITER);
      if (end !== -1) {
        const rest = read.subarray(end + DELIMITER.length);
        if (rest.length > 0) stream.unshift(rest);
        return readStreamMetadata(read.toString('utf8', 0, end));
      }
      if (read.length >= MAX_HEAD_BYTES) return undefined;
    }
  } catch {
    // A function that fails before its metadata has no answer, like one that sends none.
  }
  return undefined;
}

/** Breaks a stream that takes too long. */
function limit(stream: ResponseBody, { totalMs, idleMs }: StreamLimits): { isOver(): boolean } {
  let over = false;
  const end = (): void => {
    over = true;
    stream.destroy(new Error('The stream took too long.'));
  };
  const total = setTimeout(end, totalMs);
  const idle = setTimeout(end, idleMs);
  stream.on(MOVED, () => idle.refresh());
  stream.once('close', () => {
    clearTimeout(total);
    clearTimeout(idle);
  });
  return { isOver: () => over };
}
