import { describe, expect, test } from '@jest/globals';
import { COLLECTION_TOKEN } from '../../../lambda/domain/token.ts';
import { issueLink } from '../../support/issue-links.ts';
import { presenting } from '../../support/openapi/caller.ts';
import type { DescribedLaptop } from '../../support/openapi/described-laptop.ts';
import { samplePdf } from '../../support/pdfs.ts';

const STAMPED = { asset: 'private/paper.pdf', delivery: 'stream', watermark: true };

const ZIPPED = { assets: ['private/passing.pdf', 'report.pdf'], delivery: 'zip' };

/** The routes that show or redeem a link, each with the terms that a link needs for that route. */
const REDEEMING = [
  ['GET /redeem', {}],
  ['POST /redeem', {}],
  ['POST /redeem/stream', { delivery: 'stream' }],
  ['POST /redeem/watermark', STAMPED],
  ['POST /redeem/zip', ZIPPED],
  ['GET /download', { open: 'direct' }],
  ['GET /download/stream', { open: 'direct', delivery: 'stream' }],
  ['GET /download/watermark', { open: 'direct', ...STAMPED }],
  ['GET /download/zip', { open: 'direct', ...ZIPPED }],
] as const;

const JSON_PLEASE = { headers: { accept: 'application/json' } };

/** Tests the routes that show and redeem links. */
export function testRedeeming(it: () => DescribedLaptop): void {
  const ask: DescribedLaptop['ask'] = (route, call) => it().ask(route, call);

  describe.each(REDEEMING)('%s', (route, terms) => {
    const code = async (token: string, more: object = {}) =>
      (await ask(route, { ...presenting(route, token), ...more })).code;

    test('refuses invalid and ended tokens as documented', async () => {
      expect((await ask(route, route.startsWith('GET') ? {} : { body: {} })).code).toBe('invalid_request');
      expect(await code('tvm_x')).toBe('invalid_token');
      expect(await code(await it().tokenOfNothing(60))).toBe('token_unknown');
      expect(await code(await it().tokenOfNothing(-1))).toBe('token_expired');
      expect(await code((await it().redeemed()).token)).toBe('token_redeemed');
      expect(await code((await it().revoked()).token)).toBe('token_revoked');
    });

    test('refuses a live link from the wrong network or in an invalid request, as documented', async () => {
      await it().laptop.put('private/passing.pdf', await samplePdf());
      const elsewhere = await it().issue({ ...terms, allowedCidrs: ['192.0.2.0/24'] });
      expect(await code(elsewhere.token)).toBe('not_allowed_from_here');
      const { token } = await it().issue(terms);
      if (route.startsWith('GET')) {
        expect(await code(token, { headers: { 'sec-purpose': 'prefetch' } })).toBe('prefetch_refused');
      } else {
        expect(await code('x'.repeat(9000))).toBe('payload_too_large');
        expect(await code(token, { headers: { 'content-type': 'text/plain' } })).toBe(
          'unsupported_media_type',
        );
      }
      if (/(stream|watermark|zip)$/.test(route)) {
        expect(await code(token, { headers: { range: 'bytes=1-' } })).toBe('range_refused');
      }
    });
  });

  describe('a link to a file that is missing or has changed', () => {
    test.each(REDEEMING.slice(1))('is refused by %s as documented', async (route, terms) => {
      await it().laptop.put('private/passing.pdf', await samplePdf());
      const { token } = await it().issue({
        ...terms,
        ...('assets' in terms ? {} : { asset: 'private/passing.pdf' }),
      });
      await it().laptop.put('private/passing.pdf', await samplePdf([{}, {}]));
      expect((await ask(route, presenting(route, token))).code).toBe('asset_changed');
      await it().withdraw('private/passing.pdf');
      expect((await ask(route, presenting(route, token))).code).toBe('asset_missing');
    });
  });

  describe('a collection', () => {
    const assets = ['private/report.pdf', 'report.pdf'];
    const issue = (terms = {}) => issueLink(it().laptop.endpoints, { assets, ...terms });
    const code = async (token: string, more: object = {}) =>
      (await ask('GET /collection', { query: { token }, ...more })).code;

    test('shows its files as documented', async () => {
      const { token } = await issue({ note: 'Order 4711' });
      const query = { token };
      const page = await ask('GET /collection', { query });
      const [first = ''] = page.text.match(/tvm_[\w-]{52}/g) ?? [];
      expect((await ask('POST /redeem', { body: { token: first } })).status).toBe(302);
      const { files } = (await ask('GET /collection', { query, ...JSON_PLEASE })).json;
      expect(files).toMatchObject([{ state: 'redeemed' }, { state: 'live' }]);
      expect((await ask('HEAD /collection')).status).toBe(200);
    });

    test('is refused for invalid or ended tokens, and from other networks, as documented', async () => {
      expect((await ask('GET /collection')).code).toBe('invalid_request');
      expect(await code('tvc_x')).toBe('invalid_token');
      expect(await code(await it().tokenOfNothing(60, COLLECTION_TOKEN))).toBe('token_unknown');
      expect(await code(await it().tokenOfNothing(-1, COLLECTION_TOKEN))).toBe('token_expired');
      expect(await code((await issue({ allowedCidrs: ['192.0.2.0/24'] })).token)).toBe(
        'not_allowed_from_here',
      );
      const { token, tokenId } = await issue();
      expect(await code(token, { headers: { 'sec-purpose': 'prefetch' } })).toBe('prefetch_refused');
      await ask('DELETE /links/{tokenId}', { path: { tokenId } });
      expect(await code(token)).toBe('token_revoked');
      expect((await ask('GET /links/{tokenId}', { path: { tokenId } })).json.files).toHaveLength(2);
    });

    test('is issued, or refused with the position of the missing file, as documented', async () => {
      expect((await ask('POST /links', { body: { assets } })).status).toBe(201);
      const missing = await ask('POST /links', { body: { assets: [...assets, 'other.pdf'] } });
      expect(missing.json).toMatchObject({ code: 'asset_not_found', field: 'assets', position: 3 });
    });
  });

  describe('a live link', () => {
    test('is shown, and redeemed for a URL, as documented', async () => {
      const first = presenting('GET /redeem', (await it().issue()).token);
      expect((await ask('GET /redeem', { ...first, ...JSON_PLEASE })).json).toMatchObject({ status: 'live' });
      expect((await ask('GET /redeem', first)).text).toContain('report.pdf');
      expect((await ask('HEAD /redeem', first)).status).toBe(200);
      const body = { token: (await it().issue()).token };
      expect((await ask('POST /redeem', { body, ...JSON_PLEASE })).json.url).toMatch(/^http/);
      expect((await ask('POST /redeem', { body: { token: (await it().issue()).token } })).status).toBe(302);
    });

    test('is redeemed by GET, or redirected to its page, as documented', async () => {
      const direct = presenting('GET /download', (await it().issue({ open: 'direct' })).token);
      expect((await ask('GET /download', { ...direct, ...JSON_PLEASE })).json.url).toMatch(/^http/);
      const other = presenting('GET /download', (await it().issue({ open: 'direct' })).token);
      expect((await ask('GET /download', other)).status).toBe(302);
      const page = await ask('GET /download', presenting('GET /download', (await it().issue()).token));
      expect(page.location).toContain('/redeem?token=');
    });

    test('delivers a stream, or is redirected to the route that can redeem the link, as documented', async () => {
      const stream = (await it().issue({ delivery: 'stream' })).token;
      const onward = await ask('POST /redeem', { body: { token: stream } });
      expect(onward).toMatchObject({ status: 307, location: `${it().laptop.endpoints.api}/redeem/stream` });
      expect((await ask('POST /redeem/stream', { body: { token: stream } })).text).toBe('the private report');
      const back = await ask('POST /redeem/stream', { body: { token: (await it().issue()).token } });
      expect(back).toMatchObject({ status: 307, location: `${it().laptop.endpoints.api}/redeem` });

      const direct = { query: { token: (await it().issue({ open: 'direct', delivery: 'stream' })).token } };
      expect((await ask('GET /download', direct)).location).toContain('/download/stream?token=');
      expect((await ask('GET /download/stream', direct)).text).toBe('the private report');
      const redirected = { query: { token: (await it().issue({ open: 'direct' })).token } };
      expect((await ask('GET /download/stream', redirected)).location).toContain('/download?token=');
      const confirmed = { query: { token: (await it().issue({ delivery: 'stream' })).token } };
      expect((await ask('GET /download/stream', confirmed)).location).toContain('/redeem?token=');
    });

    test('delivers several files as a zip, or is redirected to the route that can redeem the link, as documented', async () => {
      await it().laptop.put('private/passing.pdf', await samplePdf());
      const zipped = { body: { token: (await it().issue(ZIPPED)).token } };
      expect((await ask('POST /redeem', zipped)).location).toMatch(/\/redeem\/zip$/);
      expect((await ask('POST /redeem/zip', zipped)).text).toMatch(/^PK/);
      const back = await ask('POST /redeem/zip', { body: { token: (await it().issue()).token } });
      expect(back).toMatchObject({ status: 307, location: `${it().laptop.endpoints.api}/redeem` });

      const { token, tokenId } = await it().issue({ ...ZIPPED, open: 'direct' });
      expect((await ask('GET /download/zip', { query: { token } })).text).toMatch(/^PK/);
      expect((await ask('GET /links/{tokenId}', { path: { tokenId } })).json.contents).toHaveLength(2);
      const redirected = { query: { token: (await it().issue({ open: 'direct' })).token } };
      expect((await ask('GET /download/zip', redirected)).location).toContain('/download?token=');
      const confirmed = { query: { token: (await it().issue(ZIPPED)).token } };
      expect((await ask('GET /download/zip', confirmed)).location).toContain('/redeem?token=');
    });

    test('delivers a stamped copy, or is redirected to the route that can redeem the link, as documented', async () => {
      const stamped = { body: { token: (await it().issue(STAMPED)).token } };
      expect((await ask('POST /redeem', stamped)).location).toMatch(/\/redeem\/watermark$/);
      expect((await ask('POST /redeem/watermark', stamped)).text).toMatch(/^%PDF-/);
      const back = await ask('POST /redeem/watermark', { body: { token: (await it().issue()).token } });
      expect(back).toMatchObject({ status: 307, location: `${it().laptop.endpoints.api}/redeem` });

      const direct = { query: { token: (await it().issue({ ...STAMPED, open: 'direct' })).token } };
      expect((await ask('GET /download/watermark', direct)).text).toMatch(/^%PDF-/);
      const redirected = { query: { token: (await it().issue({ open: 'direct' })).token } };
      expect((await ask('GET /download/watermark', redirected)).location).toContain('/download?token=');
      const confirmed = { query: { token: (await it().issue(STAMPED)).token } };
      expect((await ask('GET /download/watermark', confirmed)).location).toContain('/redeem?token=');
    });
  });
}
