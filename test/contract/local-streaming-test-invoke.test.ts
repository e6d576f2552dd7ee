import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { allowAll } from '../../local/access.ts';
import { openAccessKeys } from '../../local/access-keys.ts';
import type { RunningService } from '../../local/loopback-server.ts';
import { startManagementApi } from '../../local/test-invoke/management-api.ts';
import { signedCall } from '../support/signed-fetch.ts';
import { StreamedApi, streaming } from '../support/streamed-api.ts';

const ACCOUNT = '111122223333';
const MB = 1024 * 1024;
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

/** Test-invokes a streamed route with this function behind it. */
async function testInvoke(source: string, streamPatienceMs?: number) {
  work = await new StreamedApi({ source }).start();
  service = await startManagementApi({
    port: 0,
    region: 'us-east-1',
    accessKeys,
    authorize: allowAll,
    clock: () => new Date(),
    functions: work.functions,
    ...(streamPatienceMs === undefined ? {} : { streamPatienceMs }),
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
  // Warm, so that the time that is measured is the answer's.
  await work.functions.invoke('work', { queryStringParameters: { warm: 'yes' } });
  const url = `${service.url}/restapis/a1b2c3d4e5/resources/r1/methods/POST`;
  const as = { ...accessKeys.keyOf('user', 'operator'), region: 'us-east-1' };
  const answer = await signedCall(as, { service: 'apigateway', url }, 'POST', {});
  return (await answer.json()) as { status: number; body: string; headers: object; log: string };
}

test('shows a streamed answer with its status and headers, and logs nothing', async () => {
  expect(await testInvoke(streaming("stream.write('one '); await put('two'); stream.end();"))).toMatchObject({
    status: 200,
    body: 'one two',
    headers: { 'Content-Type': 'application/json' },
    log: '',
  });
});

test('shows the first megabyte of a longer one, and reads no further', async () => {
  const { status, body } = await testInvoke(
    streaming(
      `if (query.warm) return stream.end();
       const piece = Buffer.alloc(100_000, 'x');
       stream.on('error', (error) => report(error.message));
       for (;;) await put(piece);`,
    ),
  );
  expect([status, body.length]).toEqual([200, MB]);
  await work?.reported('The client closed the connection.');
});

test('shows what there is when its patience ends', async () => {
  const source = streaming(
    "if (query.warm) return stream.end(); stream.write('half'); await new Promise((end) => stream.once('error', end));",
  );
  expect(await testInvoke(source, 700)).toMatchObject({ status: 200, body: 'half' });
});

test('says 0 if there is not even a status by then', async () => {
  const source = streaming(
    "if (query.warm) return stream.end(); await new Promise((end) => stream.once('error', end));",
  );
  expect(await testInvoke(source, 100)).toMatchObject({ status: 0, body: '' });
});

test('answers as the gateway does if there is no valid answer', async () => {
  expect(await testInvoke(streaming('stream.end();'))).toMatchObject({ status: 500, body: 'DEFAULT_5XX' });
});
