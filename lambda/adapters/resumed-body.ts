/** How often in a row reading may fail without a byte in between before it is given up. */
const MOST_FAILURES = 3;

/** A body as the SDK gives it: Node's stream of an HTTP response. */
export interface Body extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
}

/**
 * Reads a body to its end. A connection that breaks midway, or that S3 closed on a slow reader, is taken up where it
 * ended: the token is spent by then, and the rest of the file can still be had.
 *
 * @param size bytes of the whole
 * @param reopen asks for everything from a byte on
 * @throws the last failure when it cannot be read on
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
          throw new Error('A body ended before its end');
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
