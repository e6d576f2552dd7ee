import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { holdTimers } from '../support/held-timers.ts';
import { readBody, streamedApis, streaming } from '../support/streamed-api.ts';

const { start, stop } = streamedApis();
afterEach(stop);

const MB = 1024 * 1024;
/** Code that waits until the client or the gateway has closed the connection. */
const UNTIL_ABANDONED = "await new Promise((resolve) => stream.once('error', resolve));";

describe('a function that fails in the middle of its response', () => {
  const BEGIN = "await put('half');";

  test.each([
    ['throws', `${BEGIN} throw new Error('lost');`, ''],
    ['throws before it reaches its Content-Length', `${BEGIN} throw new Error('lost');`, '10'],
    ['destroys its stream', `${BEGIN} stream.destroy();`, ''],
    ['destroys its stream with an error', `${BEGIN} stream.destroy(new Error('lost'));`, ''],
    ['exits', `${BEGIN} process.exit(1);`, ''],
  ])(
    'the connection is reset if a function %s, so that a partial response cannot seem complete',
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

  test('the instance is kept if its function throws', async () => {
    const running = await start(
      streaming(
        "report(id); await put('half'); if (query.fail !== undefined) throw new Error('lost'); stream.end();",
      ),
    );
    for (const query of ['?fail=1', '?fail=2', '']) await readBody(await running.open(query));
    expect(new Set(await running.reportedTimes(3)).size).toBe(1);
  });
});

describe('a function that times out', () => {
  const pass = holdTimers();
  const HALF = { complete: false, body: Buffer.from('half') };

  /** Reads a response, and advances the time when the first bytes arrive. */
  async function readHalf(response: IncomingMessage, milliseconds: number) {
    response.once('data', () => pass(milliseconds));
    return readBody(response);
  }

  test('the instance is replaced and the connection is reset', async () => {
    const running = await start(
      streaming(`report(id); await put('half'); if (query.hang) await new Promise(() => {}); stream.end();`),
      { timeout: 1 },
    );
    expect(await readHalf(await running.open('?hang=yes'), 1000)).toEqual(HALF);
    expect(await readBody(await running.open())).toMatchObject({ complete: true });
    expect(new Set(await running.reportedTimes(2)).size).toBe(2);
  });

  test('a function that returns without ending its response is stopped', async () => {
    const running = await start(streaming("stream.write('half');"), { timeout: 1 });
    expect(await readHalf(await running.open(), 1000)).toEqual(HALF);
    await running.close();
    expect(running.log).toContain('Error: Sandbox.Timedout');
  });

  test('a function that returns without beginning its response is stopped', async () => {
    const running = await start(streaming("report('begun');"), { timeout: 1 });
    const response = running.send();
    await running.reported('begun');
    pass(1000);
    expect((await response).status).toBe(500);
    await running.close();
    expect(running.log).toContain('Error: Sandbox.Timedout');
  });

  test('the integration timeout leads to 504, or resets the connection if the response has begun', async () => {
    const running = await start(
      streaming(`report('begun'); if (query.begin) stream.write('half'); ${UNTIL_ABANDONED}`),
      { gateway: { timeoutInMillis: 700 } },
    );
    const response = running.send();
    await running.reported('begun');
    pass(700);
    const { status, body } = await response;
    expect([status, body.toString()]).toEqual([504, '{"message":"Endpoint request timed out"}']);
    expect(await readHalf(await running.open('?begin=yes'), 700)).toEqual(HALF);
  });

  test('an idle stream times out, but a slow stream does not', async () => {
    const running = await start(
      streaming(
        `await put('.');
         channel.onmessage = ({ data }) => data === 'end' ? stream.end() : stream.write('.');
         ${UNTIL_ABANDONED}`,
      ),
      { gateway: { streamIdleMs: 1000 } },
    );
    for (const ending of ['end', 'silence']) {
      const response = await running.open();
      let dots = 0;
      response.on('data', (part: Buffer) => {
        dots += part.length;
        if (dots < 12) {
          pass(900);
          running.post('more');
        } else if (ending === 'end') running.post('end');
        else pass(1000);
      });
      const complete = ending === 'end';
      expect(await readBody(response)).toEqual({ complete, body: Buffer.from('.'.repeat(12)) });
    }
  });
});

test("a request whose event exceeds Lambda's size limit gets 413", async () => {
  const running = await start(streaming('stream.end();'));
  expect((await running.send('POST', '', Buffer.alloc(7 * MB, 'x'))).status).toBe(413);
});

test('the connection of an endless stream is reset when local mode stops', async () => {
  const running = await start(streaming("for (;;) await put('more');"));
  const response = await running.open();
  await once(response, 'data');
  const read = readBody(response);
  await running.close();
  expect((await read).complete).toBe(false);
});
