import { beforeEach, describe, expect, test } from '@jest/globals';
import type { UploadId } from '../../../lambda/domain/ids.ts';
import type { ScanTag } from '../../../lambda/domain/uploads/ports.ts';
import { createHandlerWorld } from '../../support/handler-world.ts';
import { createUploadWorld, scanned, type UploadWorld } from '../../support/memory-upload-world.ts';
import type { Call, Told } from '../../support/openapi/caller.ts';
import { BEARER, createMemoryCaller } from '../../support/openapi/memory-caller.ts';
import type { ResponseBook } from '../../support/openapi/response-book.ts';
import { checksumOf, pdf } from '../../support/sample-files.ts';

const file = pdf();
const facts = { fileName: 'contract.pdf', size: file.size, type: 'application/pdf' };
const sha256 = Buffer.from(checksumOf(file, 'sha256').base64, 'base64').toString('hex');

/** Bodies of `POST /uploads` that declare the sample file, to be sent in one PUT or in parts. */
export const WHOLE = { ...facts, sha256 };
const IN_PARTS = { ...facts, crc64nvme: checksumOf(file, 'crc64nvme').base64 };

const NOBODYS = { uploadId: `c${'0'.repeat(31)}`, objectId: `d${'0'.repeat(31)}` };

/** Tests the routes of uploads with in-memory ports: for IAM callers, for bearer tokens, and for operators. */
export function testUploads(book: ResponseBook): void {
  let world: UploadWorld;
  let ask: (route: string, call?: Call) => Promise<Told>;

  beforeEach(() => {
    world = createUploadWorld();
    ask = createMemoryCaller(book, createHandlerWorld(), world);
  });

  describe.each([
    ['signed', '', {}],
    ['with a bearer token', '/oidc', BEARER],
  ])('uploads, %s:', (_kind, base, headers) => {
    const uploads = `${base}/uploads`;
    const one = `${uploads}/{uploadId}`;
    const url = `GET ${base}/objects/{objectId}/download-url`;
    const post = (body: Call['body'], more = {}) =>
      ask(`POST ${uploads}`, { body: body ?? {}, headers: { ...headers, ...more } });
    const about = (route: string, path: Call['path'], more: Call = {}) =>
      ask(route, { path: path ?? {}, ...more, headers: { ...headers, ...more.headers } });

    /** Opens a session, sends the file, and returns the path parameters of the upload's routes. */
    async function uploaded() {
      const { json } = await post(WHOLE);
      const put = {
        method: 'PUT',
        url: String(json.url),
        headers: json.headers as Record<string, string>,
      } as const;
      expect(world.quarantine.send(put, file)).toBe(200);
      return { uploadId: json.uploadId as UploadId, objectId: String(json.objectId) };
    }

    async function judged({ uploadId }: { readonly uploadId: UploadId }, tag: ScanTag): Promise<void> {
      const [version] = world.quarantine.versionsOf(uploadId);
      if (version !== undefined) await scanned(world, version, tag);
    }

    test('a session is opened, or refused, as documented', async () => {
      const named = { 'Idempotency-Key': 'one' };
      expect((await post(WHOLE, named)).json).toMatchObject({ state: 'created', method: 'PUT' });
      expect((await post(IN_PARTS)).json).toMatchObject({ partCount: 1 });
      expect((await post({ ...WHOLE, fileName: 'two.pdf' }, named)).code).toBe('idempotency_key_reused');
      expect((await post({ ...WHOLE, fileName: '../x' })).json.field).toBe('fileName');
      expect((await post({ ...WHOLE, size: 2 ** 50 })).code).toBe('upload_too_large');
      expect((await post({ ...WHOLE, type: 'video/mp4' })).code).toBe('type_not_allowed');
      expect((await post('x'.repeat(9000))).code).toBe('payload_too_large');
      expect((await post('-', { 'content-type': 'text/plain' })).code).toBe('unsupported_media_type');
      expect((await post(WHOLE)).status).toBe(201);
      expect((await post(WHOLE)).json).toMatchObject({ code: 'quota_exceeded', limit: 'open_uploads' });
    });

    test('a file is sent whole, finalized, and fetched as documented', async () => {
      const path = await uploaded();
      expect((await about(url, path)).code).toBe('not_published');
      expect((await about(`POST ${one}/finalize`, path)).status).toBe(202);
      await judged(path, 'NO_THREATS_FOUND');
      expect((await about(`POST ${one}/finalize`, path)).json).toMatchObject({ state: 'published' });
      expect((await about(`GET ${one}`, path)).status).toBe(200);
      expect((await about(url, path, { query: { expiresIn: '300' } })).json.url).toMatch(/^http/);
      expect((await about(url, path, { query: { expiresIn: '5' } })).json.field).toBe('expiresIn');
      expect((await about(`DELETE ${one}`, path)).code).toBe('already_published');
    });

    test('requests about rejected, incomplete, and cancelled files get the documented responses', async () => {
      const bad = await uploaded();
      await judged(bad, 'THREATS_FOUND');
      expect((await about(`POST ${one}/finalize`, bad)).json).toMatchObject({ reason: 'malware' });
      const path = { uploadId: String((await post(WHOLE)).json.uploadId) };
      expect((await about(`POST ${one}/finalize`, path)).code).toBe('upload_incomplete');
      expect((await about(`DELETE ${one}`, path)).status).toBe(204);
      expect((await about(`POST ${one}/finalize`, path)).code).toBe('upload_ended');
    });

    test('parts are signed and listed, or refused, as documented', async () => {
      const path = { uploadId: String((await post(IN_PARTS)).json.uploadId) };
      const sign = (body: Call['body'], more: Call = {}) =>
        about(`POST ${one}/parts`, path, { body: body ?? {}, ...more });
      const list = (query = {}) => about(`GET ${one}/parts`, path, { query });
      const { json } = await sign({ partNumbers: [1] });
      const [part] = json.parts as { url: string; headers: Record<string, string> }[];
      world.quarantine.send({ method: 'PUT', url: part?.url ?? '', headers: part?.headers ?? {} }, file);
      expect((await list()).json).toMatchObject({ parts: [{ partNumber: 1 }] });
      expect((await list({ cursor: 'x' })).json.field).toBe('cursor');
      expect((await sign({ partNumbers: [2] })).json.field).toBe('partNumbers');
      expect((await sign('x'.repeat(9000))).code).toBe('payload_too_large');
      const text = { headers: { 'content-type': 'text/plain' } };
      expect((await sign('-', text)).code).toBe('unsupported_media_type');
      expect((await about(`POST ${one}/finalize`, path)).status).toBe(202);
      expect((await sign({ partNumbers: [1] })).code).toBe('upload_ended');
      expect((await list()).code).toBe('upload_ended');
    });

    test.each([
      `GET ${one}`,
      `DELETE ${one}`,
      `POST ${one}/parts`,
      `GET ${one}/parts`,
      `POST ${one}/finalize`,
      url,
    ])('%s refuses other tenants’ IDs as documented', async (route) => {
      const call = /^POST.*parts$/.test(route) ? { body: { partNumbers: [1] } } : {};
      expect((await about(route, NOBODYS, call)).code).toBe('not_found');
      expect((await about(route, { uploadId: 'x', objectId: 'x' }, call)).code).toBe('not_found');
      if (base === '') return;
      expect((await about(route, NOBODYS, { ...call, headers: { authorization: 'Bearer x' } })).code).toBe(
        'not_authenticated',
      );
    });

    test('a session can be opened without a bearer token only on the signed route', async () => {
      const { status } = await post(WHOLE, { authorization: '' });
      expect(status).toBe(base === '' ? 201 : 401);
    });

    if (base !== '') return;

    test('a request for a link to an upload that is not published is refused as documented', async () => {
      const { objectId } = await uploaded();
      expect((await ask('POST /links', { body: { objectId } })).code).toBe('not_published');
      expect((await ask('POST /links', { body: NOBODYS })).code).toBe('invalid_request');
    });

    describe('operators', () => {
      const decide = (decision: string, uploadId: string) =>
        ask(`POST /operator/uploads/{uploadId}/${decision}`, { path: { uploadId } });

      test('list and show uploads as documented', async () => {
        for (const _ of [1, 2]) {
          const path = await uploaded();
          await about(`POST ${one}/finalize`, path);
          await judged(path, 'UNSUPPORTED');
        }
        const first = await ask('GET /operator/uploads', { query: { limit: '1' } });
        const [upload] = first.json.uploads as { uploadId: string }[];
        const cursor = String(first.json.cursor);
        expect((await ask('GET /operator/uploads', { query: { cursor } })).json.uploads).toHaveLength(1);
        expect((await ask('GET /operator/uploads', { query: { state: 'lost' } })).json.field).toBe('state');
        const show = 'GET /operator/uploads/{uploadId}';
        const shown = await ask(show, { path: { uploadId: String(upload?.uploadId) } });
        expect(shown.json.history).toHaveLength(3);
        expect((await ask(show, { path: NOBODYS })).code).toBe('not_found');
      });

      test('decide about uploads, or are refused, as documented', async () => {
        const { uploadId } = await uploaded();
        await judged({ uploadId }, 'FAILED');
        expect((await decide('release', uploadId)).code).toBe('upload_incomplete');
        await about(`POST ${one}/finalize`, { uploadId });
        expect((await decide('rescan', uploadId)).json).toMatchObject({ asked: 1 });
        expect((await decide('release', uploadId)).json).toMatchObject({ state: 'published' });
        expect((await decide('reject', uploadId)).code).toBe('already_published');
        const other = String((await post(WHOLE)).json.uploadId);
        expect((await decide('release', other)).code).toBe('not_parked');
        expect((await decide('rescan', other)).code).toBe('upload_incomplete');
        expect((await decide('reject', other)).json).toMatchObject({ reason: 'operator' });
        expect((await decide('rescan', other)).code).toBe('upload_ended');
        const cancelled = { uploadId: String((await post(WHOLE)).json.uploadId) };
        await about(`DELETE ${one}`, cancelled);
        expect((await decide('reject', cancelled.uploadId)).code).toBe('upload_ended');
        for (const decision of ['release', 'reject', 'rescan']) {
          expect((await decide(decision, NOBODYS.uploadId)).code).toBe('not_found');
        }
      });
    });
  });
}
