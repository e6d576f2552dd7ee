import { afterEach, expect, test } from '@jest/globals';
import { streamedApis, streaming } from '../support/streamed-api.ts';

const { start, stop } = streamedApis();
afterEach(stop);

const MB = 1024 * 1024;
/** A function that writes a given number of bytes. */
const BYTES = streaming(
  `const piece = Buffer.alloc(1_000_003, 'x');
   for (let left = Number(query.bytes); left > 0; left -= piece.length) await put(piece.subarray(0, left));
   stream.end();`,
);

test('a response is truncated at 200 MB', async () => {
  const running = await start(BYTES);
  const count = async (length: number) => {
    let bytes = 0;
    const response = await running.open(`?bytes=${length}`);
    response.on('error', () => undefined);
    response.on('data', (part: Buffer) => {
      bytes += part.length;
    });
    await new Promise((resolve) => response.once('close', resolve));
    return { bytes, complete: response.complete };
  };
  const most = 200 * MB - '{"statusCode":200}'.length - 8;
  expect(await count(most)).toEqual({ bytes: most, complete: true });
  const over = await count(most + 1);
  expect(over.complete).toBe(false);
  expect(over.bytes).toBeLessThanOrEqual(most);
  await running.close();
  expect(running.log).toContain('Error: Function.ResponseSizeTooLarge');
});
