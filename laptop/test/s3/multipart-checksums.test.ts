import { createHash } from 'node:crypto';
import { Crc32, Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';
import { PARTS, SdkUpload, WHOLE, withoutChecksums } from '../support/multipart.ts';

type Digest = (bytes: Buffer) => Promise<Buffer>;

const hash = (name: string): Digest => {
  return async (bytes) => createHash(name).update(bytes).digest();
};
const crc = (Algorithm: typeof Crc32 | typeof Crc32c | typeof Crc64Nvme): Digest => {
  return async (bytes) => {
    const digest = new Algorithm();
    digest.update(bytes);
    return Buffer.from(await digest.digest());
  };
};

const DIGESTS: Readonly<Record<'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256', Digest>> = {
  CRC32: crc(Crc32),
  CRC32C: crc(Crc32c),
  CRC64NVME: crc(Crc64Nvme),
  SHA1: hash('sha1'),
  SHA256: hash('sha256'),
};
type Known = keyof typeof DIGESTS;

const wholeOf = async (algorithm: Known): Promise<string> =>
  (await DIGESTS[algorithm](WHOLE)).toString('base64');

const compositeOf = async (algorithm: Known): Promise<string> => {
  const parts = await Promise.all(PARTS.map(DIGESTS[algorithm]));
  return `${(await DIGESTS[algorithm](Buffer.concat(parts))).toString('base64')}-2`;
};

const s3 = localS3();

async function begun(ChecksumAlgorithm: ChecksumAlgorithm, ChecksumType?: ChecksumType) {
  const upload = await SdkUpload.begin(s3.client, { ChecksumAlgorithm, ChecksumType });
  const parts = [
    await upload.part(1, PARTS[0], { ChecksumAlgorithm }),
    await upload.part(2, PARTS[1], { ChecksumAlgorithm }),
  ];
  return { upload, parts };
}

const head = (Key = 'a') =>
  s3.client.send(new HeadObjectCommand({ Bucket: 'files', Key, ChecksumMode: 'ENABLED' }));

describe('the checksum of a multipart object', () => {
  test.each<[Known, ChecksumType | undefined]>([
    ['CRC32', undefined],
    ['CRC32', 'COMPOSITE'],
    ['CRC32C', undefined],
    ['SHA1', undefined],
    ['SHA256', 'COMPOSITE'],
  ])(
    'the composite %s of an object covers the checksums of its parts (requested type: %s)',
    async (algorithm, type) => {
      const { upload, parts } = await begun(algorithm, type);
      const wanted = {
        [`Checksum${algorithm}`]: await compositeOf(algorithm),
        ChecksumType: 'COMPOSITE' as const,
      };
      expect(await upload.complete(parts, wanted)).toMatchObject(wanted);
      expect(await head()).toMatchObject(wanted);
      const { Contents } = await s3.client.send(new ListObjectsV2Command({ Bucket: 'files' }));
      expect(Contents).toMatchObject([{ ChecksumAlgorithm: [algorithm], ChecksumType: 'COMPOSITE' }]);
    },
  );

  test.each<[Known, ChecksumType | undefined]>([
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC64NVME', undefined],
  ])('the full-object %s covers all bytes of the object (requested type: %s)', async (algorithm, type) => {
    const { upload, parts } = await begun(algorithm, type);
    const wanted = {
      [`Checksum${algorithm}`]: await wholeOf(algorithm),
      ChecksumType: 'FULL_OBJECT' as const,
    };
    expect(await upload.complete(parts, wanted)).toMatchObject(wanted);
    expect(await head()).toMatchObject(wanted);
  });

  test('an object has a full-object CRC64NVME checksum if its upload requested no checksum, even if its parts have other checksums', async () => {
    const upload = await SdkUpload.begin(s3.client);
    const parts = [
      await upload.part(1, PARTS[0], { ChecksumAlgorithm: 'SHA256' }),
      await upload.part(2, PARTS[1]),
    ];
    expect(parts).toMatchObject([
      { ChecksumSHA256: expect.any(String) },
      { ChecksumCRC32: expect.any(String) },
    ]);
    const listed = await s3.client.send(new ListPartsCommand(upload.input));
    expect([listed.ChecksumAlgorithm, listed.Parts?.[0]?.ChecksumCRC64NVME]).toEqual([undefined, undefined]);
    await upload.complete(parts.map(withoutChecksums));
    const wanted = { ChecksumCRC64NVME: await wholeOf('CRC64NVME'), ChecksumType: 'FULL_OBJECT' };
    expect(await head()).toMatchObject(wanted);
  });

  test('a copy of a multipart object has a full-object checksum', async () => {
    const { upload, parts } = await begun('SHA256');
    await upload.complete(parts);
    const copy = new CopyObjectCommand({ Bucket: 'files', Key: 'b', CopySource: 'files/a' });
    const wanted = { ChecksumSHA256: await wholeOf('SHA256'), ChecksumType: 'FULL_OBJECT' };
    expect((await s3.client.send(copy)).CopyObjectResult).toMatchObject(wanted);
    expect(await head('b')).toMatchObject(wanted);
  });

  test('the SDK verifies the checksum of an object that it reads', async () => {
    for (const [algorithm, type] of [
      ['CRC32', 'FULL_OBJECT'],
      ['CRC32', 'COMPOSITE'],
    ] as const) {
      const { upload, parts } = await begun(algorithm, type);
      await upload.complete(parts);
      expect((await s3.readBytes('a', { ChecksumMode: 'ENABLED' })).equals(WHOLE)).toBe(true);
    }
  });
});

describe('the checksums of parts', () => {
  test('the checksums of parts are listed if the upload requested them', async () => {
    const { upload, parts } = await begun('SHA256');
    const listed = await s3.client.send(new ListPartsCommand(upload.input));
    expect(listed).toMatchObject({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' });
    expect(listed.Parts?.map(({ ChecksumSHA256 }) => ChecksumSHA256)).toEqual(
      parts.map(({ ChecksumSHA256 }) => ChecksumSHA256),
    );
    expect(parts[1]?.ChecksumSHA256).toBe(hash256(PARTS[1]));
  });

  test('a part with a wrong checksum is rejected and not stored', async () => {
    const upload = await SdkUpload.begin(s3.client, { ChecksumAlgorithm: 'SHA256' });
    const wrong = upload.part(1, 'x', { ChecksumSHA256: hash256('y') });
    await expect(wrong).rejects.toMatchObject({ name: 'BadDigest' });
    const { Parts } = await s3.client.send(new ListPartsCommand(upload.input));
    expect(Parts).toBeUndefined();
  });

  test("a part whose checksum algorithm differs from its upload's is rejected", async () => {
    for (const ChecksumType of ['COMPOSITE', 'FULL_OBJECT'] as const) {
      const upload = await SdkUpload.begin(s3.client, { ChecksumAlgorithm: 'CRC32C', ChecksumType });
      const other = upload.part(1, 'x', { ChecksumAlgorithm: 'SHA256' });
      await expect(other).rejects.toMatchObject({
        name: 'InvalidRequest',
        message: expect.stringContaining('expected checksum Type: crc32c, actual checksum Type: sha256'),
      });
    }
  });

  test('a part can omit the checksum only if its upload has a full-object checksum', async () => {
    const send = async (upload: SdkUpload) =>
      s3.sendSigned({
        method: 'PUT',
        target: `/files/a?partNumber=1&uploadId=${upload.uploadId}`,
        headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
        body: 'x',
      });
    const composite = await SdkUpload.begin(s3.client, { ChecksumAlgorithm: 'CRC32' });
    expect(verdict(await send(composite))).toEqual([400, 'InvalidRequest']);
    const full = await SdkUpload.begin(s3.client, {
      ChecksumAlgorithm: 'CRC32',
      ChecksumType: 'FULL_OBJECT',
    });
    const { status, headers } = await send(full);
    expect(status).toBe(200);
    expect(Object.keys(headers).filter((name) => name.startsWith('x-amz-checksum'))).toEqual([]);
    await full.complete([{ PartNumber: 1, ETag: headers.etag }]);
    expect((await head()).ChecksumCRC32).toBe((await DIGESTS.CRC32(Buffer.from('x'))).toString('base64'));
  });
});

describe('CompleteMultipartUpload with checksums', () => {
  test('a completion without the checksums of all parts is rejected', async () => {
    const { upload, parts } = await begun('SHA256');
    await expect(upload.complete(parts.map(withoutChecksums))).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('missing for part 1'),
    });
    await upload.complete(parts);
  });

  test('a completion with a wrong part checksum is rejected', async () => {
    const { upload, parts } = await begun('SHA256');
    const [first, second] = parts;
    const wrong = upload.complete([{ ...first, ChecksumSHA256: second?.ChecksumSHA256 }, { ...second }]);
    await expect(wrong).rejects.toMatchObject({ name: 'InvalidPart' });
    await upload.complete(parts);
  });

  test('a completion whose part checksums use a different algorithm than the upload is rejected', async () => {
    const { upload, parts } = await begun('CRC32');
    const misnamed = parts.map((part) => ({ ...part, ChecksumCRC32C: part.ChecksumCRC32 }));
    await expect(upload.complete(misnamed)).rejects.toMatchObject({ name: 'InvalidPart' });
    await upload.complete(parts);
  });

  test('a completion can omit the number of parts from a composite checksum', async () => {
    const { upload, parts } = await begun('CRC32');
    const ChecksumCRC32 = await compositeOf('CRC32');
    const { ChecksumCRC32: returned } = await upload.complete(parts, {
      ChecksumCRC32: ChecksumCRC32.replace('-2', ''),
    });
    expect(returned).toBe(ChecksumCRC32);
  });

  test.each([
    ['COMPOSITE', 'CRC32', compositeOf, 'y/Q5Jg=='],
    ['FULL_OBJECT', 'CRC32', wholeOf, 'y/Q5Jg=='],
    ['FULL_OBJECT', 'CRC64NVME', wholeOf, 'rosUhgp5mIg='],
  ] as const)(
    'a completion with a wrong %s object checksum (%s) is rejected',
    async (type, name, right, other) => {
      const { upload, parts } = await begun(name, type);
      for (const wrong of [{ [`Checksum${name}`]: other }, { ChecksumSHA256: hash256(WHOLE) }]) {
        await expect(upload.complete(parts, wrong)).rejects.toMatchObject({ name: 'BadDigest' });
      }
      await expect(s3.read('a')).rejects.toMatchObject({ name: 'NoSuchKey' });
      expect(s3.created).toEqual([]);
      await upload.complete(parts, { [`Checksum${name}`]: await right(name) });
      expect(s3.traces()).toHaveLength(1);
    },
  );

  test('a completion with gaps between part numbers is rejected if its upload requested checksums', async () => {
    const upload = await SdkUpload.begin(s3.client, { ChecksumAlgorithm: 'CRC32' });
    const parts = [await upload.part(1, PARTS[0]), await upload.part(3, PARTS[1])];
    await expect(upload.complete(parts)).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  });

  test("a completion whose checksum type differs from its upload's is rejected", async () => {
    const { upload, parts } = await begun('CRC32');
    const other = upload.complete(parts, { ChecksumType: 'FULL_OBJECT' });
    await expect(other).rejects.toMatchObject({ name: 'InvalidRequest' });
  });
});

describe('CreateMultipartUpload with checksums', () => {
  test('the response to a new upload contains its checksum algorithm and type', async () => {
    const input = { Bucket: 'files', Key: 'a', ChecksumAlgorithm: 'SHA1' } as const;
    const output = await s3.client.send(new CreateMultipartUploadCommand(input));
    expect(output).toMatchObject({ ChecksumAlgorithm: 'SHA1', ChecksumType: 'COMPOSITE' });
  });

  test.each([
    ['SHA256', 'FULL_OBJECT'],
    ['SHA1', 'FULL_OBJECT'],
    ['CRC64NVME', 'COMPOSITE'],
    ['CRC32', 'HALF_OBJECT'],
    ['ADLER32', undefined],
    [undefined, 'FULL_OBJECT'],
  ])('a new upload with the checksum algorithm %s and the type %s is rejected', async (algorithm, type) => {
    const headers = {
      ...(algorithm === undefined ? {} : { 'x-amz-checksum-algorithm': algorithm }),
      ...(type === undefined ? {} : { 'x-amz-checksum-type': type }),
    };
    const response = await s3.sendSigned({ method: 'POST', target: '/files/a?uploads=', headers });
    expect(verdict(response)).toEqual([400, 'InvalidRequest']);
    expect(s3.traces()).toEqual([]);
  });
});

const hash256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('base64');
