import { beforeEach, describe, expect, test } from '@jest/globals';
import { epochSeconds, secondsAfter } from '../../../../lambda/domain/ids.ts';
import { cancelUpload } from '../../../../lambda/domain/uploads/cancel-upload.ts';
import { finalizeUpload } from '../../../../lambda/domain/uploads/finalize-upload.ts';
import { openUpload, SIGNED_SECONDS } from '../../../../lambda/domain/uploads/open-upload.ts';
import type { Upload } from '../../../../lambda/domain/uploads/upload.ts';
import { listParts, signParts } from '../../../../lambda/domain/uploads/upload-parts.ts';
import {
  createUploadWorld,
  opened,
  SESSION_SECONDS,
  TENANT,
  type UploadWorld,
  value,
} from '../../../support/memory-upload-world.ts';
import { declared, pdf } from '../../../support/sample-files.ts';

const MIB = 1024 ** 2;
const FILE = pdf('in parts', 40 * MIB);

let world: UploadWorld;
let upload: Upload;

beforeEach(async () => {
  world = createUploadWorld();
  upload = value(await openUpload(world, { tenant: TENANT, ...declared(FILE, 'crc64nvme') })).upload;
});

const sign = (partNumbers: readonly number[], { uploadId } = upload) =>
  signParts(world, { uploadId, tenant: TENANT, partNumbers });
const list = (after?: number, { uploadId } = upload) =>
  listParts(world, { uploadId, tenant: TENANT, ...(after !== undefined && { after }) });

async function send(...partNumbers: number[]): Promise<void> {
  for (const part of value(await sign(partNumbers)).parts) world.quarantine.send(part, FILE);
}

describe('signing parts', () => {
  test('every part is signed for its exact length, and the last part for the remaining bytes', async () => {
    const { parts, expiresAt } = value(await sign([1, 3]));
    expect(parts).toMatchObject([
      { partNumber: 1, size: 16 * MIB, method: 'PUT' },
      { partNumber: 3, size: 8 * MIB, method: 'PUT' },
    ]);
    expect(parts.map(({ headers }) => headers['content-length'])).toEqual([`${16 * MIB}`, `${8 * MIB}`]);
    expect(expiresAt).toBe(secondsAfter(epochSeconds(world.clock()), SIGNED_SECONDS));
  });

  test.each([0, 4, -1])('part %d does not exist and is refused', async (partNumber) => {
    expect(await sign([1, partNumber])).toEqual({
      ok: false,
      error: { code: 'invalid_request', field: 'partNumbers' },
    });
  });

  test('a file that is sent in one PUT has no parts', async () => {
    const single = await opened(world);
    const error = { code: 'invalid_request', field: 'uploadId' };
    expect(await sign([1], single)).toEqual({ ok: false, error });
    expect(await list(undefined, single)).toEqual({ ok: false, error });
  });
});

describe('listing parts', () => {
  test('the parts that S3 has are listed page by page', async () => {
    await send(3, 1, 2);
    const first = value(await list());
    expect(first.parts.map(({ partNumber }) => partNumber)).toEqual([1, 2]);
    const second = value(await list(first.next));
    expect(second).toMatchObject({ parts: [{ partNumber: 3, size: 8 * MIB }] });
    expect(second.next).toBeUndefined();
  });

  test('the list is empty for a session without parts', async () => {
    expect(value(await list())).toEqual({ parts: [] });
  });
});

describe('a session that accepts no more parts', () => {
  const ENDINGS: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['that was finalized', () => finalize()],
    ['that was cancelled', () => cancelUpload(world, upload.uploadId, TENANT)],
    ['that is over', async () => world.time.advance(SESSION_SECONDS)],
  ];

  async function finalize(): Promise<void> {
    await send(1, 2, 3);
    value(await finalizeUpload(world, upload.uploadId, TENANT));
  }

  test.each(ENDINGS)('no part is signed or listed for a session %s', async (_how, end) => {
    await end();
    const ended = { ok: false, error: { code: 'upload_ended' } };
    expect(await sign([1])).toEqual(ended);
    expect(await list()).toEqual(ended);
  });

  test('no part is listed for a session whose multipart upload S3 has removed', async () => {
    await world.quarantine.abort(upload);
    expect(await list()).toEqual({ ok: false, error: { code: 'upload_ended' } });
  });
});
