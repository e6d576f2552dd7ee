import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Cidr } from '../../lambda/domain/ids.ts';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { createPagesHandler } from '../../lambda/handlers/pages.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { CALLER, putMailedRecord, tokenOf } from '../support/memory-world.ts';

const SECRET = 's'.repeat(43);
const FROM_PROXY = { Accept: '*/*', 'X-Proxy-Secret': SECRET, 'X-Real-IP': '192.0.2.7' };
const DIRECTLY = { Accept: '*/*' };

type Headers = NonNullable<RequestDetails['headers']>;

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
});

const behindProxy = () => ({
  ...world,
  proxySecretSha256: createHash('sha256').update(SECRET).digest('hex'),
});

/** Issues a link, and returns a function that presses its button. */
async function issue(details: Parameters<typeof putMailedRecord>[1] = {}) {
  const record = await putMailedRecord(world, { issuedBy: CALLER.arn, delivery: 'proxy', ...details });
  const token = tokenOf(world, record);
  const press = (headers: Headers, changed: RequestDetails = {}) =>
    call(
      createRedeemHandler(behindProxy()),
      apiEvent('post-redeem-form', {
        body: new URLSearchParams({ token }).toString(),
        headers: { Range: undefined, ...headers },
        ...changed,
      }),
    );
  const receipt = async () => (await world.store.find(record.tokenId)).receipt;
  return { token, press, receipt };
}

describe('a link whose file the proxy delivers', () => {
  test('tells the proxy the path and the query of the presigned URL, without a host or a redirect', async () => {
    const { press, receipt } = await issue();
    const response = await press(FROM_PROXY);
    expect(response).toMatchObject({ status: 200, body: '' });
    expect(response.headers).toMatchObject({
      'X-Accel-Redirect': '/_file',
      'X-File-Path': '/gated/report.pdf',
      'X-File-Query': expect.stringContaining('='),
      'Cache-Control': 'no-store',
    });
    expect(JSON.stringify(response)).not.toMatch(/location|files\.example\.org/i);
    expect(await receipt()).toMatchObject({ kind: 'redeemed', sourceAddress: '192.0.2.7' });
    expect((await press(FROM_PROXY)).json).toMatchObject({ status: 403, code: 'token_redeemed' });
  });

  test('returns no URL to a client that prefers JSON', async () => {
    const { press } = await issue();
    const response = await press({ ...FROM_PROXY, Accept: 'application/json' });
    expect(response).toMatchObject({ status: 200, body: '' });
  });

  test.each<[string, Headers]>([
    ['without a secret', DIRECTLY],
    ['with another secret', { ...FROM_PROXY, 'X-Proxy-Secret': 'x'.repeat(43) }],
    ['with only a source address', { ...DIRECTLY, 'X-Real-IP': '192.0.2.7' }],
    ['with headers of our own responses', { ...DIRECTLY, 'X-Accel-Redirect': '/_file', 'X-File-Path': '/' }],
  ])('is not spent by a request %s, which gets 421', async (_what, headers) => {
    const { press, receipt } = await issue();
    const response = await press(headers);
    expect(response.json).toMatchObject({
      status: 421,
      code: 'use_proxy',
      address: `${PUBLIC_ORIGIN}/redeem`,
    });
    expect(Object.keys(response.headers).filter((name) => /accel|file|location/i.test(name))).toEqual([]);
    expect(await receipt()).toBeUndefined();
    expect((await press(FROM_PROXY)).status).toBe(200);
  });

  test('shows the address of the proxy to a person who bypassed it', async () => {
    const { press, token } = await issue();
    const { status, body } = await press({ Accept: 'text/html' });
    expect(status).toBe(421);
    expect(body).toContain(`action="${PUBLIC_ORIGIN}/redeem"`);
    expect(body).toContain(`value="${token}"`);
  });

  test('can be redeemed with GET only through the proxy', async () => {
    const { token } = await issue({ open: 'direct' });
    const get = (headers: Headers) =>
      call(
        createRedeemHandler(behindProxy()),
        apiEvent('get-redeem', { route: 'GET /download', query: { token }, headers }),
      );
    expect((await get(DIRECTLY)).json).toMatchObject({
      status: 421,
      address: `${PUBLIC_ORIGIN}/download`,
    });
    expect((await get(FROM_PROXY)).headers).toMatchObject({ 'X-File-Path': '/gated/report.pdf' });
  });

  test('is not spent by a request for a part of the file', async () => {
    const { press, receipt } = await issue();
    const response = await press({ ...FROM_PROXY, Range: 'bytes=1-' });
    expect(response.json).toMatchObject({ status: 416, code: 'range_refused' });
    expect(await receipt()).toBeUndefined();
    expect((await press({ ...FROM_PROXY, Range: 'bytes=0-' })).status).toBe(200);
  });

  test('is not spent if the proxy does not send the source address of the request', async () => {
    const { press, receipt } = await issue();
    await expect(press({ ...FROM_PROXY, 'X-Real-IP': undefined })).rejects.toThrow('X-Real-IP');
    expect(await receipt()).toBeUndefined();
  });

  test('leaves neither the secret nor the URL in logs', async () => {
    const { press } = await issue();
    await press(FROM_PROXY);
    await press({ ...FROM_PROXY, 'X-Proxy-Secret': `${SECRET}x` });
    expect(world.telemetry.lines).toHaveLength(2);
    expect(JSON.stringify(world.telemetry)).not.toMatch(new RegExp(`${SECRET}|/gated/`));
  });
});

test('a link whose file is delivered by redirect still redirects a request through the proxy', async () => {
  const { press } = await issue({ delivery: 'redirect' });
  expect((await press(FROM_PROXY)).headers.Location).toMatch(/^https:\/\/files\.example\.org\//);
});

describe('the source address that the proxy sends', () => {
  test('decides whether a link can be opened and redeemed', async () => {
    const { press, token } = await issue({ allowedCidrs: ['192.0.2.0/24' as Cidr] });
    const look = (headers: Headers) =>
      call(createPagesHandler(behindProxy()), apiEvent('get-redeem', { query: { token }, headers }));
    const elsewhere = { ...FROM_PROXY, 'X-Real-IP': '198.51.100.9' };
    expect((await look(elsewhere)).json).toMatchObject({ code: 'not_allowed_from_here' });
    expect((await look(FROM_PROXY)).status).toBe(200);
    expect((await press(elsewhere)).json).toMatchObject({ code: 'not_allowed_from_here' });
    expect((await press(FROM_PROXY)).status).toBe(200);
  });

  test('is the source against which requests for links are counted', async () => {
    world.files.offer('report.pdf');
    const handler = createMintHandler({ ...behindProxy(), limits: { ...world.limits, sourcePerHour: 1 } });
    const ask = async (address: string) =>
      (
        await call(
          handler,
          apiEvent('post-token-json', {
            body: { email: 'ada@example.org', asset: 'report.pdf' },
            headers: { ...FROM_PROXY, 'X-Real-IP': address },
          }),
        )
      ).status;
    expect([await ask('192.0.2.7'), await ask('192.0.2.8'), await ask('192.0.2.7')]).toEqual([202, 202, 429]);
  });
});
