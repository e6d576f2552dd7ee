import { describe, expect, test } from '@jest/globals';
import type { DescribedLaptop } from '../../support/openapi/described-laptop.ts';

const CROSS_SITE = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };

const PAGE_PLEASE = { headers: { accept: 'text/html' } };

/** Tests the form's routes: requesting a link, renewing one, and reporting a redemption. */
export function testAsking(it: () => DescribedLaptop): void {
  const ask: DescribedLaptop['ask'] = (route, call) => it().ask(route, call);

  describe('the form', () => {
    test('is shown and responds to requests as documented', async () => {
      expect((await ask('GET /', { query: { asset: 'report.pdf' } })).status).toBe(200);
      expect((await ask('GET /', { query: { asset: '../x' } })).json).toMatchObject({ field: 'asset' });
      expect((await ask('OPTIONS /token')).status).toBe(204);
      const body = { email: 'ada@example.org', asset: 'report.pdf' };
      expect((await ask('POST /token', { body })).status).toBe(202);
      expect((await ask('POST /token', { body, ...PAGE_PLEASE })).status).toBe(202);
    });

    const email = 'ada@example.org';

    test.each([
      ['invalid_request', { body: { email: 'nobody', asset: 'report.pdf' } }],
      ['invalid_request', { body: 'nothing' }],
      ['disposable_address', { body: { email: 'ada@mailinator.com', asset: 'report.pdf' } }],
      ['asset_not_found', { body: { email, asset: 'private/report.pdf' } }],
      ['payload_too_large', { body: { email, asset: 'x'.repeat(9000) } }],
      ['unsupported_media_type', { body: '-', headers: { 'content-type': 'text/plain' } }],
      ['cross_site_refused', { headers: CROSS_SITE }],
    ])('refuses a request as documented, with the code %s', async (code, call) => {
      expect((await ask('POST /token', call)).code).toBe(code);
    });
  });

  describe('a link that has ended', () => {
    test('is renewed or refused as documented', async () => {
      await it().laptop.offer('renewed.pdf', 'again');
      const token = await it().laptop.mailedToken('renewer@example.org', 'renewed.pdf');
      const renew = async (presented: string, more: object = {}) =>
        ask('POST /redeem/renew', { body: { token: presented }, ...more });
      expect((await renew(token)).location).toContain('/redeem?token=');
      await ask('POST /redeem', { body: { token } });
      expect((await renew(token)).status).toBe(202);
      expect((await renew(token, PAGE_PLEASE)).status).toBe(202);
      await it().withdraw('gated/renewed.pdf');
      expect((await renew(token)).code).toBe('asset_not_found');
      expect((await renew((await it().redeemed()).token)).code).toBe('token_redeemed');
      expect((await renew((await it().revoked()).token)).code).toBe('token_revoked');
      expect((await renew(await it().tokenOfNothing(60))).code).toBe('token_unknown');
      expect((await renew(await it().tokenOfNothing(-1))).code).toBe('token_expired');
    });

    test('accepts or refuses a report of its redemption as documented', async () => {
      const body = { token: (await it().redeemed()).token };
      expect((await ask('POST /redeem/report', { body })).json).toEqual({ status: 'reported' });
      expect((await ask('POST /redeem/report', { body, ...PAGE_PLEASE })).status).toBe(200);
      const live = { body: { token: (await it().issue()).token } };
      expect((await ask('POST /redeem/report', live)).code).toBe('token_unknown');
    });

    test.each(['POST /redeem/renew', 'POST /redeem/report'])(
      'refuses an invalid request to %s as documented',
      async (route) => {
        const headers = { 'content-type': 'text/plain' };
        expect((await ask(route, { body: { tokn: 'x' } })).code).toBe('invalid_request');
        expect((await ask(route, { body: { token: 'x' } })).code).toBe('invalid_token');
        expect((await ask(route, { body: { token: 'x'.repeat(9000) } })).code).toBe('payload_too_large');
        expect((await ask(route, { body: '-', headers })).code).toBe('unsupported_media_type');
        expect((await ask(route, { headers: CROSS_SITE })).code).toBe('cross_site_refused');
      },
    );
  });
}
