import { describe, expect, test } from '@jest/globals';
import type { DescribedLaptop } from '../../support/openapi/described-laptop.ts';
import { operations } from '../../support/openapi/description.ts';

/** Tests the routes that issue, show, list, and revoke links. */
export function testLinks(it: () => DescribedLaptop): void {
  const ask: DescribedLaptop['ask'] = (route, call) => it().ask(route, call);

  describe('POST /links', () => {
    const post = (body: object, headers = {}) => ask('POST /links', { body, headers });
    const asset = 'private/report.pdf';

    test('issues links as documented, with every field', async () => {
      expect((await post({ asset, count: 3 })).json.links).toHaveLength(3);
      const mailed = { recipient: 'ada+files@example.org', notify: 'grace@example.org', note: 'Order 4711' };
      const all = { ...mailed, asset, expiresIn: 3600, delivery: 'stream', allowedCidrs: ['2001:db8::/32'] };
      expect((await post(all)).status).toBe(201);
      const hidden = await post({ asset, recipient: 'ada@example.org', reveal: false });
      expect(hidden.json.links).toEqual([{ tokenId: expect.any(String), expiresAt: expect.any(String) }]);
    });

    test.each([
      ['invalid_request', { asset: '../x' }],
      ['recipient_not_allowed', { asset, recipient: 'ada@example.com' }],
      ['asset_not_found', { asset: 'other.pdf' }],
      ['payload_too_large', { asset, note: 'x'.repeat(9000) }],
    ])('refuses a request as documented, with the code %s', async (code, body) => {
      expect((await post(body)).code).toBe(code);
    });

    test('refuses an unsupported media type, and an invalid or reused idempotency key, as documented', async () => {
      const { code } = await post({ asset }, { 'content-type': 'text/plain' });
      expect(code).toBe('unsupported_media_type');
      expect((await post({ asset }, { 'idempotency-key': 'k'.repeat(256) })).json.field).toBe(
        'Idempotency-Key',
      );
      expect((await post({ asset }, { 'idempotency-key': 'one' })).status).toBe(201);
      expect((await post({ asset, note: 'two' }, { 'idempotency-key': 'one' })).code).toBe(
        'idempotency_key_reused',
      );
    });
  });

  describe.each(['/links', '/operator/tokens'])('%s', (base) => {
    test('lists links page by page as documented', async () => {
      await it().issue({ recipient: 'listed@example.org' });
      await it().issue({ recipient: 'listed@example.org' });
      const query = { asset: 'private/report.pdf', recipient: 'listed@example.org', limit: '1' };
      const first = await ask(`GET ${base}`, { query });
      const cursor = String(first.json.cursor);
      expect((await ask(`GET ${base}`, { query: { ...query, cursor } })).json.links).toHaveLength(1);
      expect((await ask(`GET ${base}`)).json.links).not.toEqual([]);
      const other = await ask(`GET ${base}`, { query: { cursor } });
      expect(other.json).toMatchObject({ code: 'invalid_request', field: 'cursor' });
    });

    test('shows and revokes links, or refuses to, as documented', async () => {
      const [show, revoke] = [`GET ${base}/{tokenId}`, `DELETE ${base}/{tokenId}`];
      const streamed = await it().issue({ delivery: 'stream', open: 'direct' });
      await ask('GET /download/stream', { query: { token: streamed.token } });
      const spent = await it().redeemed({ note: 'a note', allowedCidrs: ['127.0.0.0/8'] });
      for (const { tokenId } of [streamed, spent]) {
        expect((await ask(show, { path: { tokenId } })).json).toMatchObject({ state: 'redeemed' });
        expect((await ask(revoke, { path: { tokenId } })).json).toMatchObject({ status: 409 });
      }
      const path = { tokenId: (await it().issue()).tokenId };
      expect((await ask(revoke, { path })).status).toBe(204);
      expect((await ask(show, { path })).json).toMatchObject({ state: 'revoked' });
      for (const route of [show, revoke]) {
        expect((await ask(route, { path: { tokenId: '0'.repeat(32) } })).code).toBe('not_found');
        expect((await ask(route, { path: { tokenId: 'x' } })).json).toMatchObject({ field: 'tokenId' });
      }
    });
  });

  const signedRoutes = operations
    .filter(({ security }) => security.some((one) => 'signature' in one))
    .map(({ route }) => route);

  test.each(signedRoutes)('%s refuses unsigned and wrongly signed requests as documented', async (route) => {
    const path = { tokenId: '0'.repeat(32), uploadId: 'c0', objectId: 'd0', linkId: 'e0' };
    const call = { path, ...(route.startsWith('POST') && { body: {} }) };
    expect((await ask(route, { ...call, signer: 'nobody' })).code).toBe('access_denied');
    const forged = { secretAccessKey: 'not the one' };
    expect((await ask(route, { ...call, signer: forged })).code).toBe('invalid_signature');
  });
}
