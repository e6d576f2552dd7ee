import { MOVED, type ResponseBody } from '../functions/response-body.ts';
import { DELIMITER, readStreamMetadata, type StreamHead } from './stream-metadata.ts';

/** A response whose body is still being written. The caller must read the body to its end or destroy it. */
export interface StreamedResponse extends StreamHead {
  readonly stream: ResponseBody;
}

export interface StreamLimits {
  /** The integration's timeout in milliseconds. */
  readonly totalMs: number;
  readonly idleMs: number;
}

/** Maximum number of bytes before the delimiter. */
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Reads the status and headers of a streamed response as soon as the function has sent them. The rest stays in the
 * body.
 *
 * @returns `malformed` if the function failed, sent anything other than valid metadata, or does not stream; `timeout`
 *   if the status and headers do not arrive in time. In both cases, the body is destroyed.
 */
export async function readStreamedResponse(
  stream: ResponseBody,
  limits: StreamLimits,
): Promise<StreamedResponse | 'malformed' | 'timeout'> {
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
    // The function failed, or a time limit was exceeded, before the metadata was complete.
  }
  return undefined;
}

/** Destroys a stream that exceeds its time limits. */
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
