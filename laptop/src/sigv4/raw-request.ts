import type { IncomingMessage } from 'node:http';

/** A request exactly as it arrived, which is the form that signatures cover. */
export interface RawRequest {
  readonly method: string;
  /** The undecoded target from the request line, such as `/bucket/a%20b?versionId=1`. */
  readonly target: string;
  /** Values by lowercase name. The values of a repeated header are joined with commas, as SigV4 requires. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Creates a raw request. It reads `rawHeaders`, because Node's `headers` drops repeated values of some headers. */
export function rawRequestOf(message: IncomingMessage): RawRequest {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index]?.toLowerCase() ?? '';
    const value = message.rawHeaders[index + 1] ?? '';
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return { method: message.method ?? 'GET', target: message.url ?? '/', headers };
}
