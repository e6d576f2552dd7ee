import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LinkId, UploadId } from '../../../lambda/domain/ids.ts';
import { revokeLink } from '../../../lambda/domain/upload-links/revoke-link.ts';
import { createHandlerWorld } from '../../support/handler-world.ts';
import { createLinkWorld, invited, type LinkWorld } from '../../support/memory-link-world.ts';
import { createUploadWorld, scanned } from '../../support/memory-upload-world.ts';
import type { Call, Told } from '../../support/openapi/caller.ts';
import { BEARER, createMemoryCaller } from '../../support/openapi/memory-caller.ts';
import type { ResponseBook } from '../../support/openapi/response-book.ts';
import { checksumOf, pdf } from '../../support/sample-files.ts';

const file = pdf();
const crc64nvme = checksumOf(file, 'crc64nvme').base64;
const FILE = { fileName: 'contract.pdf', size: file.size, type: 'application/pdf', crc64nvme };
const NOBODYS = { linkId: `e${'0'.repeat(31)}`, uploadId: `c${'0'.repeat(31)}` };
const DAY_SECONDS = 86_400;
const PAGE = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
const TEXT = { 'content-type': 'text/plain' };
const LONG = 'x'.repeat(9000);

/** Tests the routes of upload links with in-memory ports: for tenants, and for the holder of a link. */
export function testUploadLinks(book: ResponseBook): void {
  let world: LinkWorld;
  let ask: (route: string, call?: Call) => Promise<Told>;

  beforeEach(() => {
    world = createLinkWorld();
    ask = createMemoryCaller(book, createHandlerWorld(), createUploadWorld(), world);
  });

  describe.each([
    ['signed', '', {}],
    ['with a bearer token', '/oidc', BEARER],
  ])('invitations, %s:', (_kind, base, headers) => {
    const links = `${base}/upload-links`;
    const one = `${links}/{linkId}`;
    const call = (route: string, more: Call = {}) =>
      ask(route, { ...more, headers: { ...headers, ...more.headers } });
    const post = (body: Call['body'], more = {}) =>
      call(`POST ${links}`, { body: body ?? {}, headers: more });

    test('a link is issued, or refused, as documented', async () => {
      const named = { 'Idempotency-Key': 'one' };
      expect((await post({ for: 'a contract' }, named)).json.url).toMatch(/\/upload\?token=tvu_/);
      expect((await post({ for: 'a contract', to: 'ada@example.org' })).json).not.toHaveProperty('url');
      expect((await post({ for: 'another' }, named)).code).toBe('idempotency_key_reused');
      expect((await post({ for: '' })).json.field).toBe('for');
      expect((await post({ for: 'x', maxBytes: 2 ** 50 })).code).toBe('upload_too_large');
      expect((await post({ for: 'x', types: ['video/mp4'] })).code).toBe('type_not_allowed');
      expect((await post(LONG)).code).toBe('payload_too_large');
      expect((await post('-', TEXT)).code).toBe('unsupported_media_type');
      for (const _ of [2, 3]) await post({ for: 'x', to: 'ada@example.org' });
      expect((await post({ for: 'x', to: 'ada@example.org' })).code).toBe('quota_exceeded');
      const strict = createMemoryCaller(book, createHandlerWorld(), createUploadWorld(), {
        ...world,
        isAllowedRecipient: () => false,
      });
      const refused = await strict(`POST ${links}`, { headers, body: { for: 'x', to: 'ada@example.org' } });
      expect(refused.code).toBe('recipient_not_allowed');
    });

    test('links are listed, shown, extended, and revoked as documented', async () => {
      const { linkId } = (await post({ for: 'a contract' })).json as { linkId: LinkId };
      const path = { linkId };
      const extend = (body: Call['body'], more: Call = {}) =>
        call(`POST ${one}/extend`, { path, body: body ?? {}, ...more });
      expect((await call(`GET ${links}`)).json.links).toHaveLength(1);
      expect((await call(`GET ${links}`, { query: { limit: '0' } })).json.field).toBe('limit');
      expect((await call(`GET ${one}`, { path })).json).toMatchObject({ state: 'open', for: 'a contract' });
      expect((await extend({ expiresIn: 30 * DAY_SECONDS })).status).toBe(200);
      expect((await extend({ expiresIn: 1 })).json.field).toBe('expiresIn');
      expect((await extend(LONG)).code).toBe('payload_too_large');
      expect((await extend('-', { headers: TEXT })).code).toBe('unsupported_media_type');
      expect((await call(`DELETE ${one}`, { path })).status).toBe(204);
      expect((await extend({ expiresIn: DAY_SECONDS })).code).toBe('token_revoked');
    });

    test('a finished link can be neither extended nor revoked', async () => {
      const { linkId, url } = (await post({ for: 'a contract' })).json as { linkId: string; url: string };
      await send(new URL(url).searchParams.get('token') ?? '');
      await ask('POST /upload/finish', { body: { token: new URL(url).searchParams.get('token') } });
      const path = { linkId };
      expect((await call(`DELETE ${one}`, { path })).code).toBe('token_redeemed');
      const extend = { path, body: { expiresIn: DAY_SECONDS } };
      expect((await call(`POST ${one}/extend`, extend)).code).toBe('token_redeemed');
    });

    test.each([`GET ${one}`, `DELETE ${one}`, `POST ${one}/extend`, `GET ${links}`, `POST ${links}`])(
      '%s refuses other tenants’ IDs and invalid credentials as documented',
      async (route) => {
        const body = /extend$/.test(route) ? { body: { expiresIn: DAY_SECONDS } } : {};
        if (route.includes('{')) {
          expect((await call(route, { path: NOBODYS, ...body })).code).toBe('not_found');
        }
        if (base === '') return;
        const stranger = { path: NOBODYS, ...body, headers: { authorization: 'Bearer x' } };
        expect((await call(route, stranger)).code).toBe('not_authenticated');
      },
    );
  });

  /** Opens an upload through a link, sends the file as one part, and finalizes the upload. */
  async function send(token: string): Promise<UploadId> {
    const { uploadId } = (await ask('POST /upload/open', { body: { token, ...FILE } })).json;
    const body = { token, uploadId, partNumbers: [1] };
    const { parts } = (await ask('POST /upload/parts', { body })).json as {
      parts: Parameters<LinkWorld['quarantine']['send']>[0][];
    };
    for (const part of parts) world.quarantine.send(part, file);
    await ask('POST /upload/finalize', { body: { token, uploadId } });
    return uploadId as UploadId;
  }

  describe('for the holder of a link,', () => {
    let token: string;
    let linkId: LinkId;
    const JSON_ROUTES = ['files', 'open', 'form', 'parts', 'remove', 'finalize', 'finish'] as const;

    beforeEach(async () => {
      ({
        token,
        link: { linkId },
      } = await invited(world, { mostFiles: 1 }));
    });

    const bodyOf = (route: (typeof JSON_ROUTES)[number], more: object = {}) => {
      const { uploadId } = NOBODYS;
      const bodies = {
        files: {},
        open: FILE,
        form: { fileName: 'contract.pdf' },
        parts: { uploadId, partNumbers: [1] },
        remove: { uploadId },
        finalize: { uploadId },
        finish: {},
      };
      return { token, ...bodies[route], ...more };
    };
    const post = (route: (typeof JSON_ROUTES)[number], more: object = {}, call: Call = {}) =>
      ask(`POST /upload/${route}`, { body: bodyOf(route, more), ...call });

    test('the page is shown as documented, before and after the link is finished', async () => {
      expect((await ask('GET /upload', { query: { token } })).text).toContain('<h1>');
      expect((await ask('HEAD /upload', { query: { token } })).status).toBe(200);
      expect((await ask('GET /upload', { query: { token: 'x' } })).code).toBe('invalid_token');
      expect((await ask('GET /upload')).json.field).toBe('token');
      const ahead = { query: { token }, headers: { 'sec-purpose': 'prefetch' } };
      expect((await ask('GET /upload', ahead)).code).toBe('prefetch_refused');
      await send(token);
      expect((await post('finish')).json).toMatchObject({ state: 'finished' });
      expect((await ask('GET /upload', { query: { token } })).text).toContain('<h1>');
    });

    test('uploads are opened, continued, and finalized, and the link is finished, as documented', async () => {
      expect((await post('finish')).code).toBe('upload_incomplete');
      const { json } = await post('open');
      const { uploadId } = json as { uploadId: UploadId };
      expect((await post('finalize', { uploadId })).code).toBe('upload_incomplete');
      expect((await post('parts', { uploadId, partNumbers: [2] })).json.field).toBe('partNumbers');
      expect((await post('files')).json.files).toHaveLength(1);
      expect((await post('open', { fileName: 'other.pdf' })).code).toBe('too_many_files');
      await send(token);
      expect((await post('parts', { uploadId })).code).toBe('upload_ended');
      const [version] = world.quarantine.versionsOf(uploadId);
      if (version !== undefined) await scanned(world, { ...version }, 'NO_THREATS_FOUND');
      expect((await post('finalize', { uploadId })).status).toBe(200);
      expect((await post('remove', { uploadId })).code).toBe('already_published');
      const finish = { headers: PAGE, body: new URLSearchParams({ token }).toString() };
      expect((await ask('POST /upload/finish', finish)).status).toBe(302);
    });

    test('a removed file frees its place, and cannot be finalized', async () => {
      const { uploadId } = (await post('open')).json;
      expect((await post('remove', { uploadId })).status).toBe(204);
      expect((await post('finalize', { uploadId })).code).toBe('not_found');
    });

    test('a file whose session has ended cannot be finalized', async () => {
      const { uploadId } = (await post('open')).json;
      world.time.advance(DAY_SECONDS);
      expect((await post('finalize', { uploadId })).code).toBe('upload_ended');
    });

    test('POST /upload/form returns the page that sends the file, or redirects to the link’s page', async () => {
      const form = (fileName: string) => ({
        headers: PAGE,
        body: new URLSearchParams({ token, fileName }).toString(),
      });
      expect((await ask('POST /upload/form', form('contract.pdf'))).text).toContain('<form');
      expect((await ask('POST /upload/form', form('film.mp4'))).status).toBe(302);
      expect((await post('form', { fileName: 'film.mp4' })).code).toBe('type_not_allowed');
      expect((await post('form', { fileName: 'other.pdf' })).code).toBe('too_many_files');
    });

    test('a file that the link does not accept is refused as documented', async () => {
      expect((await post('open', { size: 2 ** 50 })).code).toBe('upload_too_large');
      expect((await post('open', { type: 'video/mp4' })).code).toBe('type_not_allowed');
      expect((await post('open', { fileName: '../x' })).json.field).toBe('fileName');
    });

    test.each(JSON_ROUTES)('POST /upload/%s refuses an invalid request as documented', async (route) => {
      expect((await post(route, { token: 'x' })).code).toBe('invalid_token');
      expect((await ask(`POST /upload/${route}`, { body: { token: 1 } })).code).toBe('invalid_request');
      expect((await ask(`POST /upload/${route}`, { body: LONG })).code).toBe('payload_too_large');
      const text = await ask(`POST /upload/${route}`, { body: '-', headers: TEXT });
      expect(text.code).toBe('unsupported_media_type');
      if (['parts', 'remove', 'finalize'].includes(route)) expect((await post(route)).code).toBe('not_found');
    });

    test.each(['open', 'form'] as const)(
      'POST /upload/%s counts requests by source, and refuses requests from pages on other sites',
      async (route) => {
        const foreign = { headers: { 'sec-fetch-site': 'cross-site' } };
        expect((await post(route, {}, foreign)).code).toBe('cross_site_refused');
        const limits = { ...world.limits, sourcePerHour: 2 };
        const limited = createMemoryCaller(book, createHandlerWorld(), createUploadWorld(), {
          ...world,
          limits,
        });
        const codes: unknown[] = [];
        for (let times = 0; times < 3; times += 1) {
          codes.push((await limited(`POST /upload/${route}`, { body: bodyOf(route) })).code);
        }
        expect(codes.at(-1)).toBe('quota_exceeded');
      },
    );

    test.each(JSON_ROUTES)('POST /upload/%s is refused as documented after the link ends', async (route) => {
      world.time.advance(8 * DAY_SECONDS);
      expect((await post(route)).code).toBe('token_expired');
      expect((await ask('GET /upload', { query: { token } })).code).toBe('token_expired');
      await revokeLink(world, linkId, 'arn:aws:iam::111122223333:user/operator');
      expect((await post(route)).code).toBe('token_revoked');
      expect((await ask('GET /upload', { query: { token } })).code).toBe('token_revoked');
    });

    test.each(JSON_ROUTES.filter((route) => route !== 'finish'))(
      'POST /upload/%s is refused as documented after the link is finished',
      async (route) => {
        await send(token);
        await post('finish');
        expect((await post(route)).code).toBe('token_redeemed');
      },
    );
  });
}
