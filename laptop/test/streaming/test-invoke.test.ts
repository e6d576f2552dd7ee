import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { allowAll } from '../../src/access.ts';
import { openAccessKeys } from '../../src/access-keys.ts';
import type { RunningService } from '../../src/loopback-server.ts';
import { startManagementApi } from '../../src/test-invoke/management-api.ts';
import { holdTimers } from '../support/held-timers.ts';
import { signedCall } from '../support/signed-fetch.ts';
import { StreamedApi, streaming } from '../support/streamed-api.ts';

const ACCOUNT = '111122223333';
const MB = 1024 * 1024;
const TIMEOUT_MS = 35_000;
const folder = mkdtempSync(join(tmpdir(), 'tvm-management-'));
const accessKeys = openAccessKeys(join(folder, 'keys.json'), ACCOUNT);
let work: StreamedApi | undefined;
let service: RunningService | undefined;
afterEach(async () => {
  await service?.close();
  await work?.close();
  work?.remove();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Test-invokes a streamed route of a function with this source. */
async function testInvoke(source: string, meanwhile: () => Promise<void> = async () => undefined) {
  work = await new StreamedApi({ source }).start();
  service = await startManagementApi({
    port: 0,
    region: 'us-east-1',
    accessKeys,
    authorize: allowAll,
    clock: () => new Date(),
    functions: work.functions,
    streamTimeoutMs: TIMEOUT_MS,
    api: {
      accountId: ACCOUNT,
      apiId: 'a1b2c3d4e5',
      name: 'TokenVendingMachine',
      deploymentId: 'd1',
      stageName: 'v1',
      binaryMediaTypes: [],
      gatewayResponses: ({ type, status }) => ({
        status: status ?? 502,
        headers: [],
        body: Buffer.from(type),
      }),
      routes: [
        {
          method: 'POST',
          resourcePath: '/redeem/stream',
          resourceId: 'r1',
          auth: 'none',
          functionArn: 'work',
          responseTransferMode: 'stream',
          timeoutMs: 900_000,
        },
      ],
    },
  });
  const url = `${service.url}/restapis/a1b2c3d4e5/resources/r1/methods/POST`;
  const as = { ...accessKeys.keyOf('user', 'operator'), region: 'us-east-1' };
  const [response] = await Promise.all([
    signedCall(as, { service: 'apigateway', url }, 'POST', {}),
    meanwhile(),
  ]);
  return (await response.json()) as { status: number; body: string; headers: object; log: string };
}

test('a test invocation returns a streamed response with its status and headers, and an empty log', async () => {
  expect(await testInvoke(streaming("stream.write('one '); await put('two'); stream.end();"))).toMatchObject({
    status: 200,
    body: 'one two',
    headers: { 'Content-Type': 'application/json' },
    log: '',
  });
});

test('a test invocation returns the first megabyte of a longer response, and stops reading', async () => {
  const { status, body } = await testInvoke(
    streaming(
      `const piece = Buffer.alloc(100_000, 'x');
       stream.on('error', (error) => report(error.message));
       for (;;) await put(piece);`,
    ),
  );
  expect([status, body.length]).toEqual([200, MB]);
  await work?.reported('The client closed the connection.');
});

describe('a stream that times out', () => {
  const pass = holdTimers();

  /** Advances the time once the function reports that it is waiting. */
  async function whenItWaits(): Promise<void> {
    await work?.reported('waits');
    pass(TIMEOUT_MS);
  }
  const WAITING =
    "const over = new Promise((end) => stream.once('error', end)); report('waits'); await over;";

  test('a stream that times out is truncated', async () => {
    const shown = await testInvoke(streaming(`await put('half'); ${WAITING}`), whenItWaits);
    expect(shown).toMatchObject({ status: 200, body: 'half' });
  });

  test('a stream that times out before its status is sent has the status 0', async () => {
    expect(await testInvoke(streaming(WAITING), whenItWaits)).toMatchObject({ status: 0, body: '' });
  });
});

test('a test invocation returns the gateway response if the stream is invalid', async () => {
  expect(await testInvoke(streaming('stream.end();'))).toMatchObject({ status: 500, body: 'DEFAULT_5XX' });
});
