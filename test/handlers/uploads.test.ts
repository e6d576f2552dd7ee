import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Tenant, UploadId } from '../../lambda/domain/ids.ts';
import { createFinalizeHandler } from '../../lambda/handlers/finalize.ts';
import { createObjectsHandler } from '../../lambda/handlers/objects.ts';
import { createReviewsHandler } from '../../lambda/handlers/reviews.ts';
import { createUploadsHandler } from '../../lambda/handlers/uploads.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import { call, type HandlerResponse } from '../support/handler-world.ts';
import { KeyedPseudonyms } from '../support/keyed-pseudonyms.ts';
import { MemoryTelemetry } from '../support/memory-telemetry.ts';
import { createUploadWorld, rowOf, scanned, type UploadWorld } from '../support/memory-upload-world.ts';
import { checksumOf, pdf } from '../support/sample-files.ts';

let world: UploadWorld;
let telemetry: MemoryTelemetry;
beforeEach(() => {
  world = createUploadWorld();
  telemetry = new MemoryTelemetry();
});

const file = pdf();
const sha256 = Buffer.from(checksumOf(file, 'sha256').base64, 'base64').toString('hex');
const crc64nvme = checksumOf(file, 'crc64nvme').base64;
const declared = { fileName: 'contract.pdf', size: file.size, type: 'application/pdf', sha256 };
const { sha256: _whole, ...withoutChecksum } = declared;
const inParts = { ...withoutChecksum, crc64nvme };

/** Sends a request as the caller in the golden event, or as somebody else. */
function send(
  route: `${string} /${string}`,
  { as, ...details }: RequestDetails & { readonly as?: string } = {},
): Promise<HandlerResponse> {
  const deps = { ...world, telemetry, pseudonyms: new KeyedPseudonyms(), verify };
  const event = apiEvent('post-links-iam', { ...details, route });
  if (as !== undefined)
    Object.assign(event.requestContext.identity, { userArn: `arn:aws:iam::1:user/${as}`, caller: as });
  const path = route.replace(/^\w+ (\/oidc)?/, '');
  const handler = path.endsWith('/finalize')
    ? createFinalizeHandler(deps)
    : path.startsWith('/objects')
      ? createObjectsHandler(deps)
      : path.startsWith('/operator')
        ? createReviewsHandler(deps)
        : createUploadsHandler(deps);
  return call(handler, event);
}

const verify = async (token: string) => (token === 'good' ? ('oidc:acme' as Tenant) : undefined);

const open = (body: object = declared, details: Parameters<typeof send>[1] = {}) =>
  send('POST /uploads', { ...details, body });

async function uploaded(): Promise<{ readonly uploadId: UploadId; readonly objectId: string }> {
  const { json } = await open();
  const { uploadId, objectId } = json as { uploadId: UploadId; objectId: string };
  const put = {
    method: 'PUT',
    url: String(json.url),
    headers: json.headers as Record<string, string>,
  } as const;
  if (world.quarantine.send(put, file) !== 200) throw new Error('S3 refused the file');
  return { uploadId, objectId };
}

async function judged(uploadId: UploadId, tag: Parameters<typeof scanned>[2]): Promise<void> {
  const [version] = world.quarantine.versionsOf(uploadId);
  if (version !== undefined) await scanned(world, version, tag);
}

const finalize = (uploadId: string) => send('POST /uploads/{uploadId}/finalize', { path: { uploadId } });
const download = (objectId: string, query = {}) =>
  send('GET /objects/{objectId}/download-url', { path: { objectId }, query });

describe('POST /uploads', () => {
  test('the response has the IDs and the state of the session, and the one request that sends the file', async () => {
    const { status, json } = await open();
    expect(status).toBe(201);
    expect(json).toMatchObject({
      uploadId: expect.stringMatching(/^c[0-9a-f]{31}$/),
      objectId: `d${String(json.uploadId).slice(1)}`,
      state: 'created',
      fileName: 'contract.pdf',
      method: 'PUT',
      url: expect.stringMatching(/^https:/),
      headers: { 'if-none-match': '*', 'content-length': String(file.size) },
      expiresAt: '2031-05-17T10:22:30Z',
      sessionExpiresAt: '2031-05-18T10:20:30Z',
    });
    expect(telemetry.milestones).toEqual(['UploadOpened']);
  });

  test('a file that is declared with a CRC-64/NVME is sent in parts', async () => {
    const { json } = await open(inParts);
    expect(json).toMatchObject({ partSize: 16_777_216, partCount: 1 });
    expect(json).not.toHaveProperty('url');
  });

  test('a repeated request with the same idempotency key gets the same session with a fresh signature', async () => {
    const headers = { 'Idempotency-Key': 'contract-7' };
    const first = await open(declared, { headers });
    world.time.advance(500);
    const again = await open(declared, { headers });
    expect(again.json).toMatchObject({ uploadId: first.json.uploadId, state: 'created' });
    expect(again.json.expiresAt).not.toBe(first.json.expiresAt);
    expect(await open({ ...declared, size: 1 }, { headers })).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_reused' },
    });
    expect((await open(declared, { headers, as: 'AIDASOMEBODYELSE12345' })).json.uploadId).not.toBe(
      first.json.uploadId,
    );
  });

  test.each<[string, string, object]>([
    ['a name that leaves its folder', 'fileName', { fileName: '../contract.pdf' }],
    ['a name with a backslash', 'fileName', { fileName: 'a\\b.pdf' }],
    ['a name with a bidirectional control', 'fileName', { fileName: 'contract\u202efdp.exe' }],
    ['a name of 256 bytes', 'fileName', { fileName: `${'ä'.repeat(126)}.pdf` }],
    ['a name that is only a period', 'fileName', { fileName: '.' }],
    ['a name that ends in a space', 'fileName', { fileName: 'contract.pdf ' }],
    ['size 0', 'size', { size: 0 }],
    ['a negative size', 'size', { size: -1 }],
    ['half a byte', 'size', { size: 1.5 }],
    ['a size beyond safe integers', 'size', { size: 2 ** 53 }],
    ['a size as text', 'size', { size: '3' }],
    ['a type with parameters', 'type', { type: 'text/plain; charset=utf-8' }],
    ['a type without a subtype', 'type', { type: 'text' }],
    ['a short checksum', 'sha256', { sha256: 'abc' }],
    ['a checksum in upper case', 'sha256', { sha256: sha256.toUpperCase() }],
    ['two checksums', 'sha256', { crc64nvme }],
    ['no checksum', 'sha256', { sha256: undefined }],
    ['a CRC of seven bytes', 'crc64nvme', { sha256: undefined, crc64nvme: 'AAAAAAAAAA==' }],
    ['an unknown member', 'body', { key: 'uploads/mine' }],
  ])('%s is refused, and the response names the field', async (_case, field, change) => {
    expect(await open({ ...declared, ...change })).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', field },
    });
    expect(world.uploads.rows.size).toBe(0);
  });

  test('the response that refuses an upload names the reason, and names the limit if too many sessions are open', async () => {
    expect(await open({ ...declared, size: 6 * 1024 ** 3 })).toMatchObject({
      status: 413,
      json: { code: 'upload_too_large' },
    });
    expect(await open({ ...declared, type: 'application/x-msdownload' })).toMatchObject({
      status: 422,
      json: { code: 'type_not_allowed' },
    });
    for (const _ of [1, 2, 3]) await open();
    const { status, json, headers } = await open();
    expect({ status, json }).toMatchObject({
      status: 429,
      json: { code: 'quota_exceeded', limit: 'open_uploads' },
    });
    expect(Number(headers['Retry-After'])).toBeGreaterThan(0);
  });
});

describe('an upload in parts', () => {
  const path = (uploadId: unknown) => ({ path: { uploadId: String(uploadId) } });

  test('parts are signed and listed, and the object is published once it is clean', async () => {
    const { json } = await open(inParts);
    const uploadId = json.uploadId as UploadId;
    const signed = await send('POST /uploads/{uploadId}/parts', {
      ...path(uploadId),
      body: { partNumbers: [1] },
    });
    expect(signed.status).toBe(200);
    const [part] = signed.json.parts as {
      partNumber: number;
      size: number;
      url: string;
      headers: Record<string, string>;
    }[];
    expect(part).toMatchObject({ partNumber: 1, size: file.size });
    world.quarantine.send({ method: 'PUT', url: part?.url ?? '', headers: part?.headers ?? {} }, file);
    expect((await send('GET /uploads/{uploadId}/parts', path(uploadId))).json).toEqual({
      parts: [{ partNumber: 1, size: file.size }],
    });
    expect(await finalize(uploadId)).toMatchObject({ status: 202, json: { state: 'finalized' } });
    await judged(uploadId, 'NO_THREATS_FOUND');
    expect(rowOf(world, uploadId).state).toBe('published');
  });

  test.each<[string, unknown]>([
    ['no parts', []],
    ['part 0', [0]],
    ['part 10,001', [10_001]],
    ['more than 50 parts', Array.from({ length: 51 }, (_, index) => index + 1)],
    ['a part after the last one', [2]],
  ])('a request to sign %s is refused', async (_case, partNumbers) => {
    const { json } = await open(inParts);
    expect(
      await send('POST /uploads/{uploadId}/parts', { ...path(json.uploadId), body: { partNumbers } }),
    ).toMatchObject({
      status: 400,
      json: { field: 'partNumbers' },
    });
  });
});

describe('finalize and download', () => {
  test('a clean file gets a URL for its published version, and none before it is published', async () => {
    const { uploadId, objectId } = await uploaded();
    expect(await finalize(uploadId)).toMatchObject({ status: 202, json: { state: 'finalized' } });
    expect(await download(objectId)).toMatchObject({ status: 409, json: { code: 'not_published' } });
    await judged(uploadId, 'NO_THREATS_FOUND');
    expect(await finalize(uploadId)).toMatchObject({ status: 200, json: { state: 'published' } });
    const { status, json } = await download(objectId, { expiresIn: '300' });
    expect({ status, json }).toMatchObject({ status: 200, json: { expiresAt: '2031-05-17T10:25:30Z' } });
    expect(String(json.url)).toMatch(/^https:/);
  });

  test.each(['59', '301', 'ten', '-60'])(
    'a request for a URL that lasts %s seconds is refused',
    async (expiresIn) => {
      expect(await download(`d${'0'.repeat(31)}`, { expiresIn })).toMatchObject({
        status: 400,
        json: { field: 'expiresIn' },
      });
    },
  );

  test('a file that has not arrived cannot be finalized', async () => {
    const { json } = await open();
    expect(await finalize(String(json.uploadId))).toMatchObject({
      status: 409,
      json: { code: 'upload_incomplete' },
    });
  });

  test('a cancelled upload has ended, and cancelling it again changes nothing', async () => {
    const { uploadId } = await uploaded();
    const cancel = () => send('DELETE /uploads/{uploadId}', { path: { uploadId } });
    expect((await cancel()).status).toBe(204);
    expect((await cancel()).status).toBe(204);
    expect(await finalize(uploadId)).toMatchObject({ status: 409, json: { code: 'upload_ended' } });
    const { json } = await send('GET /uploads/{uploadId}', { path: { uploadId } });
    expect(json).toMatchObject({ state: 'expired', reason: 'cancelled' });
  });

  test('a published file cannot be cancelled', async () => {
    const { uploadId } = await uploaded();
    await judged(uploadId, 'NO_THREATS_FOUND');
    await finalize(uploadId);
    expect(await send('DELETE /uploads/{uploadId}', { path: { uploadId } })).toMatchObject({
      status: 409,
      json: { code: 'already_published' },
    });
  });
});

describe('tenants', () => {
  test('a bearer token belongs to the tenant in its claim, and no IAM caller belongs to that tenant', async () => {
    const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
    const { status, json } = await send('POST /oidc/uploads', { ...bearer('good'), body: declared });
    expect(status).toBe(201);
    const path = { uploadId: String(json.uploadId) };
    expect((await send('GET /oidc/uploads/{uploadId}', { ...bearer('good'), path })).status).toBe(200);
    expect((await send('GET /uploads/{uploadId}', { path })).status).toBe(404);
    expect(rowOf(world, path.uploadId as UploadId).tenant).toBe('oidc:acme');
  });

  test.each([undefined, 'Bearer bad', 'Basic good', 'good', 'Bearer ', 'Bearer good good'])(
    'the credentials %j are refused with a challenge',
    async (Authorization) => {
      const response = await send('POST /oidc/uploads', { headers: { Authorization }, body: declared });
      expect(response).toMatchObject({ status: 401, json: { code: 'not_authenticated' } });
      expect(response.headers['WWW-Authenticate']).toBe('Bearer');
    },
  );

  test('a signed route gets 500 and does nothing if API Gateway names no caller', async () => {
    const event = apiEvent('post-links-iam', { route: 'POST /uploads', body: declared });
    Object.assign(event.requestContext.identity, { userArn: null, caller: null });
    const deps = { ...world, telemetry, pseudonyms: new KeyedPseudonyms() };
    expect((await call(createUploadsHandler(deps), event)).status).toBe(500);
    expect(world.uploads.rows.size).toBe(0);
  });
});

describe('operators', () => {
  const review = (uploadId: string, decision: string) =>
    send(`POST /operator/uploads/{uploadId}/${decision}`, { path: { uploadId } });

  test('a parked upload is listed with its tenant, and shown with its history', async () => {
    const { uploadId } = await uploaded();
    await finalize(uploadId);
    await judged(uploadId, 'UNSUPPORTED');
    const listed = await send('GET /operator/uploads', { query: { state: 'parked' } });
    expect(listed.json.uploads).toMatchObject([
      {
        uploadId,
        state: 'parked',
        reason: 'unsupported',
        verdict: 'unsupported',
        tenant: expect.stringMatching(/^iam:/),
      },
    ]);
    const shown = await send('GET /operator/uploads/{uploadId}', { path: { uploadId } });
    expect((shown.json.history as { event: string }[]).map(({ event }) => event)).toEqual([
      'opened',
      'finalized',
      'parked',
    ]);
  });

  test('an operator can release, reject, or rescan an upload, and the history names the operator', async () => {
    const { uploadId } = await uploaded();
    await finalize(uploadId);
    expect(await review(uploadId, 'release')).toMatchObject({ status: 409, json: { code: 'not_parked' } });
    await judged(uploadId, 'FAILED');
    expect(await review(uploadId, 'rescan')).toMatchObject({ status: 200, json: { asked: 1 } });
    expect(await review(uploadId, 'release')).toMatchObject({ status: 200, json: { state: 'published' } });
    const shown = await send('GET /operator/uploads/{uploadId}', { path: { uploadId } });
    expect(shown.json.history).toContainEqual(
      expect.objectContaining({ event: 'released', by: 'arn:aws:iam::111122223333:user/operator' }),
    );
    const other = await uploaded();
    expect(await review(other.uploadId, 'reject')).toMatchObject({
      status: 200,
      json: { state: 'rejected', reason: 'operator' },
    });
  });

  test.each([{ state: 'lost' }, { limit: '0' }, { limit: '101' }, { cursor: 'x' }, { tenant: 'iam:x' }])(
    'the query %j is refused',
    async (query) => {
      expect((await send('GET /operator/uploads', { query })).status).toBe(400);
    },
  );
});
