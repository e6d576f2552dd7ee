import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../lambda/domain/errors.ts';
import { epochSeconds, secondsAfter } from '../../../../lambda/domain/ids.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { closeUpload } from '../../../../lambda/domain/uploads/close-upload.ts';
import { LARGEST_PUT, openUpload, SIGNED_SECONDS } from '../../../../lambda/domain/uploads/open-upload.ts';
import type { Upload } from '../../../../lambda/domain/uploads/upload.ts';
import { faulty, intercept } from '../../../support/intercept.ts';
import {
  createUploadWorld,
  rowOf,
  SESSION_SECONDS,
  STRANGER,
  TENANT,
  type UploadWorld,
  value,
} from '../../../support/memory-upload-world.ts';
import { declared, pdf } from '../../../support/sample-files.ts';

const REPETITION = { name: 'a'.repeat(64), digest: 'original' };
const GIB = 1024 ** 3;

let world: UploadWorld;

beforeEach(() => {
  world = createUploadWorld();
});

const request = { tenant: TENANT, ...declared(pdf()) };
const big = { tenant: TENANT, ...declared(pdf('big', 6 * GIB), 'crc64nvme') };
const open = (deps: Partial<UploadWorld> = {}, what = request, repetition?: typeof REPETITION) =>
  openUpload({ ...world, ...deps }, what, repetition);
const taken = (prefix = 'upload-slots/') => world.quota.countOf(prefix);

/** Returns dependencies whose upload store runs `first` before the first call to `method`. */
function justBefore(method: string, first: () => Promise<unknown>): Partial<UploadWorld> {
  let done = false;
  const uploads = intercept(world.uploads, async (call) => {
    if (call.method === method && !done) {
      done = true;
      await first();
    }
    return await call.proceed();
  });
  return { uploads };
}

describe('opening a session', () => {
  test('a session has one signed PUT, which S3 accepts only for the declared bytes', async () => {
    const { upload, put } = value(await open());
    if (put === undefined) throw new Error('no URL');
    expect(upload).toMatchObject({ ...declared(pdf()), state: 'created', tenant: TENANT, revision: 0 });
    expect(put.expiresAt).toBe(secondsAfter(upload.createdAt, SIGNED_SECONDS));
    expect(world.quarantine.send(put, pdf('another'))).toBe(400);
    expect(world.quarantine.send(put, pdf('a report', 2049))).toBe(403);
    expect(world.quarantine.send(put, pdf())).toBe(200);
    expect(world.quarantine.send(put, pdf())).toBe(412);
  });

  test('a session for a file in parts begins a multipart upload and signs nothing yet', async () => {
    const { upload, put } = value(await open({}, big));
    expect(put).toBeUndefined();
    expect(world.quarantine.multiparts.has(upload.multipartId ?? '')).toBe(true);
    expect(await world.history.eventsOf(upload.uploadId)).toEqual(['opened', 'begun']);
  });

  test('sessions end after the configured time', async () => {
    const { sessionExpiresAt, dueAt } = value(await open()).upload;
    expect(sessionExpiresAt).toBe(secondsAfter(epochSeconds(world.clock()), SESSION_SECONDS));
    expect(dueAt).toBe(sessionExpiresAt);
  });

  test.each([
    ['more bytes than are allowed', { ...big, size: 1024 ** 4 + 1 }, { code: 'upload_too_large' }],
    ['more bytes than one PUT takes', { ...request, size: LARGEST_PUT + 1 }, { code: 'upload_too_large' }],
    ['a type that is not allowed', { ...request, type: 'text/html' }, { code: 'type_not_allowed' }],
  ])('a session for %s is refused, and not counted', async (_what, declaration, error) => {
    expect(await open({}, declaration)).toEqual({ ok: false, error });
    expect(taken('')).toBe(0);
  });

  test('the largest PUT is accepted', async () => {
    expect(await open({}, { ...request, size: LARGEST_PUT })).toMatchObject({ ok: true });
  });

  test('the refusal for a tenant with too many open sessions names the limit, and no bytes are counted', async () => {
    for (const _ of [1, 2, 3]) await open();
    world.time.advance(60);
    expect(await open()).toEqual({
      ok: false,
      error: { code: 'quota_exceeded', limit: 'open_uploads', retryAfterSeconds: SESSION_SECONDS - 60 },
    });
    expect(taken('upload-bytes/')).toBe(3 * request.size);
    expect(await open({}, { ...request, tenant: STRANGER })).toMatchObject({ ok: true });
  });

  test('the refusal for a tenant that exceeds its daily bytes names the limit, and no slot is taken', async () => {
    const limits = { ...world.limits, bytesPerDay: 2 * request.size };
    for (const _ of [1, 2]) await open({ limits });
    expect(await open({ limits })).toEqual({
      ok: false,
      error: { code: 'quota_exceeded', limit: 'upload_bytes', retryAfterSeconds: 86_400 },
    });
    expect(taken()).toBe(2);
    world.time.advance(86_400);
    expect(await open({ limits })).toMatchObject({ ok: true });
  });

  test('closing a session frees its slot for another one', async () => {
    const { upload } = value(await open());
    await cancelUpload(world, upload.uploadId, TENANT);
    await closeUpload(world, rowOf(world, upload.uploadId));
    expect(taken()).toBe(0);
  });

  test('closing a session does not free a slot that has passed to the next session', async () => {
    const limits = { ...world.limits, openSessions: 1 };
    const { upload } = value(await open({ limits }));
    world.time.advance(SESSION_SECONDS);
    await open({ limits });
    await cancelUpload(world, upload.uploadId, TENANT);
    await closeUpload(world, rowOf(world, upload.uploadId));
    expect(taken()).toBe(1);
  });
});

describe('repeating a request with an idempotency key', () => {
  test('a repeated request gets the same session with a fresh signature, and is not counted', async () => {
    const first = value(await open({}, request, REPETITION));
    world.time.advance(SIGNED_SECONDS);
    if (first.put === undefined) throw new Error('no URL');
    expect(world.quarantine.send(first.put, pdf())).toBe(403);
    const { upload, put } = value(await open({}, request, REPETITION));
    expect(upload).toEqual(first.upload);
    expect(put?.expiresAt).toBe(first.put.expiresAt + SIGNED_SECONDS);
    expect(taken()).toBe(1);
    expect(taken('upload-bytes/')).toBe(request.size);
  });

  test('a repeated request for a file in parts gets the same multipart upload', async () => {
    const first = value(await open({}, big, REPETITION)).upload;
    expect(value(await open({}, big, REPETITION)).upload).toEqual(first);
    expect(world.quarantine.multiparts.size).toBe(1);
  });

  test('a different request with the same key is refused', async () => {
    await open({}, request, REPETITION);
    expect(await open({}, request, { ...REPETITION, digest: 'another' })).toEqual({
      ok: false,
      error: { code: 'idempotency_key_reused' },
    });
    expect(taken()).toBe(1);
  });

  test('a repeated request gets no URL once the file has arrived or the session is over', async () => {
    const { upload, put } = value(await open({}, request, REPETITION));
    await cancelUpload(world, upload.uploadId, TENANT);
    expect(put).toBeDefined();
    expect(value(await open({}, request, REPETITION))).toEqual({ upload: rowOf(world, upload.uploadId) });
    const other = { ...REPETITION, name: 'b'.repeat(64) };
    await open({}, request, other);
    world.time.advance(SESSION_SECONDS);
    expect(value(await open({}, request, other))).not.toHaveProperty('put');
  });

  test("the slower of two concurrent requests with the same key gets the faster one's session and refunds its own counts", async () => {
    let faster: Upload | undefined;
    const slower = await open(
      justBefore('open', async () => {
        faster = value(await open({}, request, REPETITION)).upload;
      }),
      request,
      REPETITION,
    );
    expect(value(slower).upload).toEqual(faster);
    expect(taken()).toBe(1);
    expect(taken('upload-bytes/')).toBe(request.size);
  });

  test('for a file in parts, two concurrent requests with the same key both get the recorded multipart upload', async () => {
    const slower = await open(
      justBefore('change', () => open({}, big, REPETITION)),
      big,
      REPETITION,
    );
    expect(value(slower).upload).toEqual(rowOf(world, value(slower).upload.uploadId));
    expect(world.quarantine.multiparts.has(value(slower).upload.multipartId ?? '')).toBe(true);
  });

  test('a repeated request finds the session even if the response to opening it was lost', async () => {
    const error = new Unavailable('uploads', 'timed out');
    const uploads = faulty(world.uploads, 'open', { lose: 'response', error });
    await expect(open({ uploads }, request, REPETITION)).rejects.toBe(error);
    expect(value(await open({}, request, REPETITION)).put).toBeDefined();
    expect(taken()).toBe(1);
    expect(world.uploads.rows.size).toBe(1);
  });
});
