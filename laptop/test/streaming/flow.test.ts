import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readBody, type StreamedApi, streamedApis, streaming } from '../support/streamed-api.ts';

const { start, stop } = streamedApis();
afterEach(stop);

const MB = 1024 * 1024;
/** A function that writes pieces of equal size, and reports each piece once the stream has accepted it. */
const PIECES = streaming(
  `const piece = Buffer.alloc(Number(query.bytes), query.name);
   for (let count = 1; count <= Number(query.count); count += 1) {
     await put(piece);
     report(query.name + ' ' + count);
   }
   stream.end();`,
);
/** Returns the number of pieces that the stream with this name has accepted so far. */
const takenOf = (running: StreamedApi, name: string): number =>
  running.reports.filter((report) => String(report).startsWith(`${name} `)).length;

describe('a slow reader', () => {
  test('a function waits for a slow reader before it writes more', async () => {
    const running = await start(PIECES);
    const event = (name: string) => ({ queryStringParameters: { name, bytes: '3', count: '4' } });
    const outcome = running.functions.invokeWithResponseStream('work', event('slow'));
    if (outcome.kind !== 'streaming') throw new Error('does not stream');
    const seen: [string, number][] = [];
    for await (const chunk of outcome.body as AsyncIterable<Buffer>) {
      // Another event completes while the reader processes this chunk.
      await running.functions.invoke('work', event('quick'));
      // Reports are sent separately, and can arrive later than the chunks.
      if (seen.length > 2) await running.reported(`slow ${seen.length - 2}`);
      seen.push([chunk.toString(), takenOf(running, 'slow')]);
    }
    expect(seen).toEqual([
      ['{"statusCode":200}', 0],
      ['\0'.repeat(8), 0],
      ['slo', 0],
      ['slo', 1],
      ['slo', 2],
      ['slo', 3],
    ]);
  });

  test('a slow HTTP client delays only the invocation that responds to it', async () => {
    const running = await start(PIECES);
    const slow = await running.open(`?name=slow&bytes=${MB}&count=24`);
    const quick = await running.send('GET', `?name=quick&bytes=${MB}&count=24`);
    await running.reported('quick 24');
    expect(quick.body).toHaveLength(24 * MB);
    // The operating system buffers some bytes in both sockets, by default at most 10 MB.
    expect(takenOf(running, 'slow')).toBeLessThan(16);
    const { complete, body } = await readBody(slow);
    expect([complete, body.length]).toEqual([true, 24 * MB]);
  });
});

test('twenty concurrent streams arrive intact, although only some can run at the same time', async () => {
  const running = await start(PIECES);
  const names = Array.from({ length: 20 }, (_value, index) => String.fromCharCode(97 + index));
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const bodies = await Promise.all(
    names.map(async (name) => digest((await running.send('GET', `?name=${name}&bytes=99991&count=5`)).body)),
  );
  expect(bodies).toEqual(names.map((name) => digest(Buffer.alloc(99991 * 5, name))));
});

describe('a client that disconnects', () => {
  const source = streaming(
    `report('begun by ' + id);
     const piece = Buffer.alloc(65536, 'x');
     const broken = new Promise((resolve) => stream.once('error', resolve));
     try {
       if (query.quiet === undefined) for (;;) await put(piece);
       stream.write(piece);
       throw await broken;
     } catch (error) {
       report('aborted: ' + error.message);
     }
     await new Promise((resolve) => { channel.onmessage = resolve; });
     report('wrote to the ledger');`,
  );

  test.each([
    ['in the middle of a chunk', ''],
    ['while the function writes nothing', '?quiet=yes'],
  ])('the function is notified of a disconnect %s, and can finish its work', async (_name, query) => {
    const running = await start(source);
    const response = await running.open(query);
    await once(response, 'data');
    response.destroy();
    await running.reported('aborted: The client closed the connection.');
    running.post('go on');
    await running.reported('wrote to the ledger');
    await running.close();
    expect(running.log).toMatch(/REPORT RequestId: \S+\tDuration: [\d.]+ ms\tInit Duration: [\d.]+ ms\n$/);
  });

  test('the function is notified of a disconnect before the response begins', async () => {
    const running = await start(
      streaming(
        `report('begun');
         await new Promise((resolve) => stream.once('error', resolve));
         report('aborted');`,
      ),
    );
    const request = running.begin();
    const failed = once(request, 'error');
    await running.reported('begun');
    request.destroy(new Error('changed my mind'));
    expect(await failed).toEqual([new Error('changed my mind')]);
    await running.reported('aborted');
  });
});

describe('an instance handles one event at a time', () => {
  const idOf = async (running: StreamedApi): Promise<string> => (await running.send()).body.toString();

  test('an instance is busy while its handler keeps running after the end of the response', async () => {
    const running = await start(
      streaming(
        `await put(String(id));
         stream.end();
         await new Promise((resolve) => { channel.onmessage = resolve; });
         report('done by ' + id);`,
      ),
    );
    const [first, second] = [await idOf(running), await idOf(running)];
    expect(first).not.toBe(second);
    running.post('go on');
    await Promise.all([running.reported(`done by ${first}`), running.reported(`done by ${second}`)]);
  });

  test('an instance is busy while its response continues after the handler has returned', async () => {
    const running = await start(
      streaming(
        `stream.write(String(id));
         channel.onmessage = () => stream.end(' done');`,
      ),
    );
    const [first, second] = [await running.open(), await running.open()];
    const next = async (): Promise<readonly string[]> =>
      (await Promise.all([once(first, 'data'), once(second, 'data')])).map(String);
    expect(new Set(await next()).size).toBe(2);
    const rest = next();
    running.post('go on');
    expect(await rest).toEqual([' done', ' done']);
  });
});
