/** Number of consecutive failures, with no bytes read in between, after which reading fails. */
const MOST_FAILURES = 3;

/** Response body that the SDK returns: a Node.js stream. */
export interface Body extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
}

/**
 * Reads a body to its end. If a connection breaks midway, or S3 closes it because the reader is slow, reading resumes
 * where it stopped. The token is already spent, so the client could not start over.
 *
 * @param size total number of bytes
 * @param reopen requests the rest of the body, starting at the given byte
 * @throws the last failure if reading cannot be resumed
 */
export function resumedBody(
  first: Body,
  size: number,
  reopen: (fromByte: number) => Promise<Body>,
): { readonly bytes: AsyncIterable<Uint8Array>; abort(): void } {
  let body = first;
  let given = false;

  async function* read(): AsyncGenerator<Uint8Array> {
    let done = 0;
    let failures = 0;
    try {
      while (true) {
        try {
          for await (const chunk of body) {
            failures = 0;
            done += chunk.length;
            yield chunk;
          }
          if (done >= size) return;
          throw new Error('The body ended early');
        } catch (cause) {
          failures += 1;
          if (given || done >= size || failures === MOST_FAILURES) throw cause;
        }
        body.destroy();
        body = await reopen(done);
      }
    } finally {
      body.destroy();
    }
  }

  return {
    bytes: read(),
    abort: () => {
      given = true;
      body.destroy();
    },
  };
}
