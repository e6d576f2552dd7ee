import { once } from 'node:events';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { readBody, type StreamedApi, startedInTurn, streaming } from '../support/streamed-api.ts';

// Hundreds of megabytes pass through here.
jest.setTimeout(30_000);

const { start, stop } = startedInTurn();
afterEach(stop);

const MB = 1024 * 1024;
/** Writes so many bytes, and ends. */
const BYTES = streaming(
  `const piece = Buffer.alloc(1_000_003, 'x');
   for (let left = Number(query.bytes); left > 0; left -= piece.length) await put(piece.subarray(0, left));
   stream.end();`,
);

describe('a function that fails half-way', () => {
  const BEGIN = "await put('half');";

  test.each([
    ['throws', `${BEGIN} throw new Error('lost');`, ''],
    ['throws', `${BEGIN} throw new Error('lost');`, '10'],
    ['destroys its stream', `${BEGIN} stream.destroy();`, ''],
    ['destroys its stream', `${BEGIN} stream.destroy(new Error('lost'));`, ''],
    ['exits', `${BEGIN} process.exit(1);`, ''],
  ])(
    'because it %s breaks the connection, so that a part never passes for the whole',
    async (_name, body, length) => {
      const running = await start(
        streaming(body).replace(
          '{ statusCode: 200 }',
          length === '' ? '{}' : `{ headers: { 'Content-Length': '10' } }`,
        ),
      );
      expect(await readBody(await running.open())).toEqual({ complete: false, body: Buffer.from('half') });
      await running.close();
      expect(running.log).toMatch(/\tError: \w/);
    },
  );

  test('keeps its instance if it only throws', async () => {
    const running = await start(
      streaming(
        "report(id); await put('half'); if (query.fail !== undefined) throw new Error('lost'); stream.end();",
      ),
    );
    for (const query of ['?fail=1', '?fail=2', '']) await readBody(await running.open(query));
    expect(new Set(running.reports).size).toBe(1);
  });

  test('loses it at its timeout, and the connection with it', async () => {
    const running = await start(
      streaming(`report(id); ${BEGIN} if (query.hang) await new Promise(() => {}); stream.end();`),
      {
        timeout: 1,
      },
    );
    const hung = await readBody(await running.open('?hang=yes'));
    expect(hung).toEqual({ complete: false, body: Buffer.from('half') });
    expect(await readBody(await running.open())).toMatchObject({ complete: true });
    const instances = await eventually(
      async () => new Set(running.reports).size,
      (size) => size > 1,
    );
    expect(instances).toBe(2);
  });

  test.each([
    ['without writing', ''],
    ['without an end', "stream.write('half');"],
  ])('because it returns %s is given up at its timeout', async (_name, body) => {
    const running = await start(streaming(body), { timeout: 1 });
    const response = await running.open();
    const { complete } = await readBody(response);
    expect([response.statusCode, complete]).toEqual(body === '' ? [500, true] : [200, false]);
    await running.close();
    expect(running.log).toContain('Error: Sandbox.Timedout');
  });
});

describe('the limits', () => {
  /** Does nothing, so that what comes next finds a warm instance, and its time is its own. */
  const warmUp = (running: StreamedApi) =>
    running.functions.invoke('work', { queryStringParameters: { warm: 'yes' } });
  const ABANDONED = "await new Promise((resolve) => stream.once('error', resolve));";

  test('cut an answer of more than 200 MB', async () => {
    const running = await start(BYTES);
    const count = async (asked: number) => {
      let bytes = 0;
      const response = await running.open(`?bytes=${asked}`);
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

  test('answer 504 if the integration’s time is over before there is an answer, and break it later', async () => {
    const running = await start(
      streaming(`if (query.warm) return stream.end(); if (query.begin) stream.write('half'); ${ABANDONED}`),
      { gateway: { timeoutInMillis: 700 } },
    );
    await warmUp(running);
    const { status, body } = await running.send();
    expect([status, body.toString()]).toEqual([504, '{"message":"Endpoint request timed out"}']);
    const half = { complete: false, body: Buffer.from('half') };
    expect(await readBody(await running.open('?begin=yes'))).toEqual(half);
  });

  test('break a stream in which nothing moves, and none in which something does', async () => {
    const running = await start(
      streaming(
        `if (query.warm) return stream.end();
         for (let count = 0; count < 12; count += 1) {
           await new Promise((later) => setTimeout(later, 100));
           await put('.');
         }
         if (query.stop) ${ABANDONED}
         stream.end();`,
      ),
      { gateway: { streamIdleMs: 1000 } },
    );
    await warmUp(running);
    const body = Buffer.from('.'.repeat(12));
    expect(await readBody(await running.open())).toEqual({ complete: true, body });
    expect(await readBody(await running.open('?stop=yes'))).toEqual({ complete: false, body });
  });

  test('refuse an event that is too long for Lambda', async () => {
    const running = await start(BYTES);
    expect((await running.send('POST', '', Buffer.alloc(7 * MB, 'x'))).status).toBe(413);
  });
});

test('the laptop that stops breaks a stream, and takes no longer for it than for anything else', async () => {
  const running = await start(streaming("for (;;) await put('more');"));
  const response = await running.open();
  await once(response, 'data');
  const read = readBody(response);
  const from = performance.now();
  await running.close();
  expect(performance.now() - from).toBeLessThan(3000);
  expect((await read).complete).toBe(false);
});
