import { beforeEach, describe, expect, test } from '@jest/globals';
import type { TokenRecord } from '../../lambda/domain/records.ts';
import { createPagesHandler } from '../../lambda/handlers/pages.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import {
  call,
  createHandlerWorld,
  type HandlerResponse,
  type HandlerWorld,
} from '../support/handler-world.ts';
import { memorySecondChances } from '../support/memory-second-chances.ts';
import { putMailedRecord, tokenOf } from '../support/memory-world.ts';

let world: HandlerWorld & { readonly secondChances: ReturnType<typeof memorySecondChances>['port'] };
let record: TokenRecord;
let token: string;

beforeEach(async () => {
  world = { ...createHandlerWorld(), secondChances: memorySecondChances().port };
  record = await putMailedRecord(world);
  token = tokenOf(world, record);
});

const PAGE = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const redeem = (headers: RequestDetails['headers'] = {}, changed: object = {}) =>
  call(
    createRedeemHandler({ ...world, ...changed }),
    apiEvent('post-redeem-form', {
      body: new URLSearchParams({ token }).toString(),
      headers: { ...PAGE, ...headers },
    }),
  );

const look = (headers: RequestDetails['headers'] = PAGE) =>
  call(createPagesHandler(world), apiEvent('get-redeem', { query: { token }, headers }));

const cookieOf = ({ headers }: HandlerResponse) => headers['Set-Cookie']?.split(';', 1)[0] ?? '';

describe('POST /redeem with second chances', () => {
  test('sets a cookie that is only for this host and token, lasts ten minutes, and is hidden from scripts', async () => {
    const response = await redeem();
    expect(response.headers['Set-Cookie']).toMatch(
      new RegExp(
        `^__Host-tvm-${record.tokenId}=[\\w-]{43}; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Strict$`,
      ),
    );
    expect(JSON.stringify(world.telemetry)).not.toContain(cookieOf(response).split('=')[1]);
  });

  test('without the option, sets no cookie and needs none', async () => {
    const response = await redeem({}, { secondChances: undefined });
    expect(response.headers).not.toHaveProperty('Set-Cookie');
    expect(response.status).toBe(302);
  });

  test('with the cookie, redirects to the file again and sets no new cookie', async () => {
    const Cookie = `other=1; ${cookieOf(await redeem())}; more=2`;
    const again = await redeem({ Cookie });
    expect(again.status).toBe(302);
    expect(again.headers).not.toHaveProperty('Set-Cookie');
    expect(world.telemetry.lines.map(({ outcome }) => outcome)).toEqual(['redeemed', 'reissued']);
    expect(world.telemetry.milestones).toEqual(['TokenRedeemed', 'FileReissued']);
  });

  test('without the cookie, or with another token’s cookie, gets the same response as without the option', async () => {
    const cookie = cookieOf(await redeem());
    const plain = await redeem({}, { secondChances: undefined });
    const [, secret = ''] = cookie.split('=');
    for (const Cookie of [
      '',
      `__Host-tvm-${'f'.repeat(32)}=${secret}`,
      `tvm-${record.tokenId}=${secret}`,
      `__Host-tvm-${record.tokenId}=${'A'.repeat(43)}`,
    ]) {
      expect(await redeem(Cookie === '' ? {} : { Cookie })).toEqual(plain);
    }
    expect(plain.status).toBe(403);
  });
});

describe('GET /redeem with second chances', () => {
  test('says before the button is pressed that an interrupted download can be repeated', async () => {
    expect((await look()).body).toContain('For 10 minutes, you can get the file again here');
    record = await putMailedRecord(world, { open: 'confirm', secondChance: false });
    token = tokenOf(world, record);
    expect((await look()).body).toContain('cannot be resumed');
  });

  test('offers the file again during the second chance, however often the page is opened, but not in JSON', async () => {
    const cookie = cookieOf(await redeem());
    for (let time = 0; time < 5; time += 1) {
      const { status, body } = await look();
      expect(status).toBe(403);
      expect(body).toContain('Get the file again');
      expect(body).toContain('17 May 2031, 10:30 UTC');
      expect(body.indexOf('Get the file again')).toBeLessThan(body.indexOf('Send me a new link'));
    }
    expect((await look({ Accept: 'application/json' })).json).toMatchObject({ code: 'token_redeemed' });
    for (let time = 0; time < 3; time += 1) expect((await redeem({ Cookie: cookie })).status).toBe(302);
    expect((await look()).body).not.toContain('Get the file again');
  });

  test('offers nothing once the ten minutes are over', async () => {
    await redeem();
    world.time.advance(600);
    expect((await look()).body).not.toContain('Get the file again');
  });
});
