import { beforeEach, describe, expect, test } from '@jest/globals';
import type { TokenRecord } from '../../lambda/domain/records.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { createStreamHandler } from '../../lambda/handlers/stream.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import {
  call,
  callStreaming,
  createHandlerWorld,
  type HandlerWorld,
  PUBLIC_ORIGIN,
} from '../support/handler-world.ts';
import { putMailedRecord, sealed, tokenOf } from '../support/memory-world.ts';

const CALLER = 'arn:aws:iam::111122223333:user/operator';

let world: HandlerWorld;
let record: TokenRecord;
let token: string;

beforeEach(async () => {
  world = createHandlerWorld();
  await issue({});
});

async function issue(details: Parameters<typeof putMailedRecord>[1]): Promise<void> {
  record = await putMailedRecord(world, { issuedBy: CALLER, delivery: 'stream', ...details });
  token = tokenOf(world, record);
}

function stream(details: RequestDetails) {
  const handle = createStreamHandler(world);
  const event = apiEvent('post-redeem-form', { route: 'POST /redeem/stream', ...details });
  return callStreaming((begin) => handle(event, begin, () => 60_000));
}

const form = (headers: RequestDetails['headers'] = { Accept: '*/*' }): RequestDetails => ({
  body: new URLSearchParams({ token }).toString(),
  headers,
});
const direct = (): RequestDetails => ({
  route: 'GET /download/stream',
  body: null,
  query: { token },
  headers: { Accept: '*/*' },
});

describe('POST /redeem/stream', () => {
  test('a redemption streams the file as an attachment, once', async () => {
    const response = await stream(form());
    expect(response.status).toBe(200);
    expect(response.body).toHaveLength(2048);
    expect(response.headers).toMatchObject({
      'Content-Type': 'application/pdf',
      'Content-Length': '2048',
      'Content-Disposition': 'attachment; filename="report.pdf"',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Accept-Ranges': 'none',
    });
    expect(JSON.parse((await stream(form())).body)).toMatchObject({ status: 403, code: 'token_redeemed' });
    expect(world.ledger.entries.map(({ event }) => event)).toEqual(['issued', 'redeemed', 'delivered']);
    expect(world.telemetry.milestones).toEqual(['TokenRedeemed', 'StreamDelivered']);
    expect(world.files.openFiles).toBe(0);
  });

  test('the response has the file’s digest, if known', async () => {
    const sha256 = '00'.repeat(32);
    record = sealed(world, { ...record, asset: { ...record.asset, sha256 } });
    world.store.records.set(record.tokenId, record);
    expect((await stream(form())).headers['Repr-Digest']).toBe(
      `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
    );
  });

  test.each(['bytes=1-', 'bytes=0-99', 'bytes=-5', 'bytes=0-0,5-9', 'lines=1-2'])(
    'the range %s is refused and does not spend the token',
    async (range) => {
      const refused = await stream(form({ Accept: '*/*', Range: range }));
      expect(JSON.parse(refused.body)).toMatchObject({ status: 416, code: 'range_refused' });
      expect((await stream(form({ Accept: '*/*', Range: 'bytes=0-' }))).status).toBe(200);
    },
  );

  test('after a failed redemption, a browser gets a page whose form contains the token', async () => {
    world.files.remove('report.pdf');
    const response = await stream(form({ Accept: 'text/html' }));
    expect(response.status).toBe(404);
    expect(response.headers['Content-Type']).toContain('text/html');
    expect(response.body).toContain(`value="${token}"`);
  });

  test('POST /redeem and POST /redeem/stream redirect each other’s links with 307', async () => {
    const sent = await call(createRedeemHandler(world), apiEvent('post-redeem-form', form()));
    expect([sent.status, sent.headers.Location]).toEqual([307, `${PUBLIC_ORIGIN}/redeem/stream`]);
    await issue({ delivery: 'redirect' });
    const back = await stream(form());
    expect([back.status, back.headers.Location]).toEqual([307, `${PUBLIC_ORIGIN}/redeem`]);
  });
});

describe('a live link whose delivery the options have turned off since', () => {
  test.each(['watermark', 'zip'] as const)(
    'with delivery %s is refused where its page leads, instead of being sent to a route that does not exist',
    async (delivery) => {
      const contents = delivery === 'zip' && { contents: [record.asset] };
      await issue({ delivery, ...contents });
      const headers = { Accept: 'text/html' };
      const redeem = (deliveriesOff: readonly string[]) =>
        call(createRedeemHandler({ ...world, deliveriesOff }), apiEvent('post-redeem-form', form(headers)));
      const refused = await redeem(['watermark', 'zip']);
      expect(refused.status).toBe(403);
      expect(refused.body).toContain('This link no longer works');
      expect((await world.store.find(record.tokenId)).receipt).toBeUndefined();
      const back = await redeem([]);
      expect([back.status, back.headers.Location]).toEqual([307, `${PUBLIC_ORIGIN}/redeem/${delivery}`]);
    },
  );
});

describe('GET /download/stream', () => {
  test('a link that opens directly is streamed, and /download redirects to /download/stream', async () => {
    await issue({ open: 'direct' });
    const sent = await call(
      createRedeemHandler(world),
      apiEvent('get-redeem', { route: 'GET /download', query: { token } }),
    );
    expect([sent.status, sent.headers.Location]).toEqual([
      307,
      `${PUBLIC_ORIGIN}/download/stream?token=${token}`,
    ]);
    expect((await stream(direct())).status).toBe(200);
  });

  test('a link that must be confirmed is redirected to its page and not spent', async () => {
    const response = await stream(direct());
    expect([response.status, response.headers.Location]).toEqual([
      302,
      `${PUBLIC_ORIGIN}/redeem?token=${token}`,
    ]);
    expect((await stream(form())).status).toBe(200);
  });

  test('a prefetch is refused and does not spend the token', async () => {
    await issue({ open: 'direct' });
    const prefetched = await stream({ ...direct(), headers: { Accept: '*/*', 'Sec-Purpose': 'prefetch' } });
    expect(JSON.parse(prefetched.body)).toMatchObject({ code: 'prefetch_refused' });
    expect((await stream(direct())).status).toBe(200);
  });
});
