import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { refuseProgram } from '../../../lambda/http/refuse-program.ts';
import { response } from '../../../lambda/http/response.ts';
import { createStreamingHandler, type StreamedReply } from '../../../lambda/http/streaming-handler.ts';
import { apiEvent } from '../../../laptop/test/support/api-event.ts';
import { MemoryTelemetry } from '../../support/memory-telemetry.ts';

const ROUTE = 'POST /redeem';
const oneHour = () => 3_600_000;

let telemetry: MemoryTelemetry;
let ended: [string, number][];

beforeEach(() => {
  telemetry = new MemoryTelemetry();
  ended = [];
});

const file = (bytes: AsyncIterable<Uint8Array>, abort: () => void = () => undefined): StreamedReply => ({
  response: response(200, { 'Content-Type': 'application/pdf' }, ''),
  outcome: 'redeemed',
  bytes,
  abort,
  ended: async (outcome, count) => {
    ended.push([outcome, count]);
  },
});

async function* chunks(count: number, size = 1000): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield new Uint8Array(size).fill(index);
}

/** Returns a source that yields ten bytes and then hangs, like a dead connection, until it is aborted. */
function stalledSource() {
  const released = Promise.withResolvers<void>();
  async function* source(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    await released.promise;
    throw new Error('aborted');
  }
  return { source: source(), abort: () => released.resolve() };
}

/** Runs the handler with a route that returns this reply, and writes the response to the sink. */
function run(
  reply: () => Promise<StreamedReply> | StreamedReply,
  sink: Writable,
  { remaining = oneHour, heads = [] as unknown[] } = {},
): Promise<void> {
  const handle = createStreamingHandler({
    telemetry,
    refuse: refuseProgram,
    routes: { [ROUTE]: async () => reply() },
  });
  const begin = (head: unknown): Writable => {
    heads.push(head);
    return sink;
  };
  return handle(apiEvent('post-redeem-form'), begin, remaining);
}

class CountingSink extends Writable {
  bytes = 0;
  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.bytes += chunk.length;
    done();
  }
}

describe('streaming a file', () => {
  test('a streamed file is sent whole, and its delivery is recorded with the number of bytes', async () => {
    const sink = new CountingSink();
    const heads: unknown[] = [];
    await run(() => file(chunks(50)), sink, { heads });
    expect(sink.bytes).toBe(50_000);
    expect(sink.writableFinished).toBe(true);
    expect(heads).toMatchObject([{ statusCode: 200, headers: { 'Content-Type': 'application/pdf' } }]);
    expect(ended).toEqual([['delivered', 50_000]]);
    expect(telemetry.lines).toMatchObject([
      { outcome: 'redeemed' },
      { outcome: 'delivered', bytes: 50_000, milestone: 'StreamDelivered' },
    ]);
    expect(telemetry.faults).toEqual([]);
  });

  test('an empty file still gets response headers', async () => {
    const sink = new CountingSink();
    let writes = 0;
    sink._write = (_chunk, _encoding, done) => {
      writes += 1;
      done();
    };
    await run(() => file(chunks(0)), sink);
    expect(writes).toBe(1);
    expect(ended).toEqual([['delivered', 0]]);
  });

  test('a file is read no faster than the client receives it', async () => {
    const sink = new PassThrough({ highWaterMark: 1000 });
    let produced = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks(100)) {
        produced += 1;
        yield chunk;
      }
    }
    const done = run(() => file(counted()), sink);
    await once(sink, 'readable');
    // Without backpressure, the whole file would be read in this many turns of the event loop.
    for (let turn = 0; turn < 1000; turn += 1) await new Promise(setImmediate);
    expect(produced).toBeLessThan(5);
    sink.resume();
    await done;
    expect(produced).toBe(100);
  });

  test('a file is closed when the client disconnects, and no fault is logged', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        while (true) yield new Uint8Array(1000);
      } finally {
        closed = true;
      }
    }
    const sink = new PassThrough({ highWaterMark: 1000 });
    const done = run(() => file(endless()), sink);
    await once(sink, 'readable');
    sink.destroy(new Error('the caller went away'));
    await done;
    expect(closed).toBe(true);
    expect(ended).toEqual([['aborted', expect.any(Number)]]);
    expect(telemetry.lines.at(-1)).toMatchObject({ outcome: 'aborted', milestone: 'StreamAborted' });
    expect(telemetry.faults).toEqual([]);
  });

  test('a read error breaks the connection, so that no client mistakes a partial file for the whole', async () => {
    const broken = new Unavailable('file store', 'reset');
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1000);
      throw broken;
    }
    const sink = new CountingSink();
    await expect(run(() => file(breaking()), sink)).rejects.toBe(broken);
    expect(sink.destroyed).toBe(true);
    expect(sink.writableFinished).toBe(false);
    expect(ended).toEqual([['aborted', 1000]]);
    expect(telemetry.faults).toHaveLength(1);
  });

  test('a stalled stream is aborted early enough to be recorded before Lambda times out', async () => {
    const { source, abort } = stalledSource();
    const soon = () => 8010;
    await expect(run(() => file(source, abort), new CountingSink(), { remaining: soon })).rejects.toThrow();
    expect(ended).toEqual([['aborted', 10]]);
  });

  test('a stalled file is closed when the client disconnects', async () => {
    const { source, abort } = stalledSource();
    const sink = new PassThrough();
    const done = run(() => file(source, abort), sink);
    await once(sink, 'readable');
    sink.destroy(new Error('the caller went away'));
    await done;
    expect(ended).toEqual([['aborted', expect.any(Number)]]);
    expect(telemetry.faults).toEqual([]);
  });
});

describe('responding without a file', () => {
  test('a refusal is sent with its status and body', async () => {
    const sink = new PassThrough();
    const handle = createStreamingHandler({
      telemetry,
      refuse: refuseProgram,
      routes: { [ROUTE]: async (request) => refuseProgram(request, { code: 'token_unknown' }) },
    });
    const heads: unknown[] = [];
    const begin = (head: unknown): Writable => {
      heads.push(head);
      return sink;
    };
    const [body] = await Promise.all([
      new Response(sink as unknown as ReadableStream).json(),
      handle(apiEvent('post-redeem-form'), begin, oneHour),
    ]);
    expect(body).toMatchObject({ code: 'token_unknown' });
    expect(heads).toMatchObject([{ statusCode: 403 }]);
    expect(telemetry.lines).toMatchObject([{ outcome: 'token_unknown' }]);
  });

  test.each([
    ['a service is down', new Unavailable('token store', 'down'), 503],
    ['an unexpected error occurs', new TypeError('what?'), 500],
  ])('the client gets a problem if %s', async (_name, error, statusCode) => {
    const heads: unknown[] = [];
    const failing = async () => {
      throw error;
    };
    await run(failing, new CountingSink(), { heads });
    expect(heads).toMatchObject([{ statusCode }]);
    expect(telemetry.faults).toHaveLength(1);
    expect(ended).toEqual([]);
  });
});
