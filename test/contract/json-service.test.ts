import { describe, expect, test } from '@jest/globals';
import { JsonService } from '../../lambda/adapters/json-service.ts';
import { callService } from '../../lambda/adapters/service-fault.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';

const later = afterwards();

/** Returns a client for a service behind a proxy that injects these faults, one per call, until none are left. */
async function serviceBehind(...faults: ReturnType<Decide>[]) {
  const service = await startLoopbackServer({ port: 0 }, async (_request, response) => {
    response.end('{"Answer":"yes"}');
  });
  let calls = 0;
  const proxy = await startFaultProxy(service.url, () => faults[calls++] ?? { fate: 'pass' });
  const client = new JsonService({
    service: 'kms',
    url: proxy.url,
    target: 'TrentService',
    version: '1.1',
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
  });
  later(service.close);
  later(proxy.close);
  later(() => client.destroy());
  return { call: () => callService('kms', () => client.call('GenerateMac', {})), calls: () => calls };
}

const error = (status: number, code: string) =>
  ({ fate: 'answer', status, body: JSON.stringify({ __type: `com.amazonaws#${code}` }) }) as const;

describe('a call to a JSON service', () => {
  test.each([
    ['a lost request', { fate: 'lose-request' }],
    ['a lost response', { fate: 'lose-response' }],
    ['half a response', { fate: 'cut-response', afterBytes: 5 }],
    ['a response that is not JSON', { fate: 'answer', status: 200, body: '<html>' }],
    ['an internal error', error(500, 'InternalFailure')],
    ['throttling', error(400, 'ThrottlingException')],
  ] as const)('is retried once after %s, and then throws Unavailable', async (_what, fault) => {
    const mended = await serviceBehind(fault);
    expect(await mended.call()).toEqual({ Answer: 'yes' });
    const down = await serviceBehind(fault, fault, fault);
    await expect(down.call()).rejects.toBeInstanceOf(Unavailable);
    expect(down.calls()).toBe(2);
  });

  test("is not retried if the service refuses it, and throws the service's error", async () => {
    const refused = await serviceBehind(error(400, 'AccessDeniedException'));
    await expect(refused.call()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(refused.calls()).toBe(1);
  });
});
