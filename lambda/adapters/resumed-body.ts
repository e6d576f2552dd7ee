/** Sets how often in a row reading may fail without any byte in between before it gives up. */
const MOST_FAILURES = 3;

/** Describes the body that the SDK returns: Node's stream of an HTTP response. */
export interface Body extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
}

/**
 * Reads a body to its end. If a connection breaks midway, or S3 closes it on a slow reader, reading continues where it
 * ended. The token is spent by then, and the rest of the file is still available.
 *
 * @param size bytes of the whole
 * @param reopen asks for everything from a byte on
 * @throws the last failure if the body cannot be read on
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
