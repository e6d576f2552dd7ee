import { createHash } from 'node:crypto';
import { type CompletedPart, HeadObjectCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { localS3, verdict } from '../support/local-s3.ts';
import { MIN_PART, PARTS, SdkUpload, WHOLE, withoutChecksums } from '../support/multipart.ts';

const HOSTILE_DEPTH = 100_000;

const listOfParts = (length: number): string => {
  const parts = Array.from(
    { length },
    (_, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>x</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
};

const s3 = localS3();
let upload: SdkUpload;
let parts: [CompletedPart, CompletedPart];

beforeEach(async () => {
  upload = await SdkUpload.begin(s3.client);
  parts = [
    withoutChecksums(await upload.part(1, PARTS[0])),
    withoutChecksums(await upload.part(2, PARTS[1])),
  ];
});

/** Expects that a rejected completion left the upload unchanged, and created no object. */
async function expectUntouched(): Promise<void> {
  const { Parts } = await s3.client.send(new ListPartsCommand(upload.input));
  expect(Parts?.map(({ ETag }) => ETag)).toEqual(parts.map(({ ETag }) => ETag));
  await expect(s3.client.send(new HeadObjectCommand({ Bucket: 'files', Key: 'a' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
  expect(s3.created).toEqual([]);
  await upload.complete(parts);
  expect(s3.traces()).toHaveLength(1);
}

describe('CompleteMultipartUpload', () => {
  test('a completion is rejected if a part other than the last is smaller than 5 MiB', async () => {
    const small = withoutChecksums(await upload.part(1, PARTS[0].subarray(1)));
    await expect(upload.complete([small, parts[1]])).rejects.toMatchObject({
      name: 'EntityTooSmall',
      PartNumber: '1',
      MinSizeAllowed: String(MIN_PART),
      ProposedSize: String(MIN_PART - 1),
    });
    parts[0] = withoutChecksums(await upload.part(1, PARTS[0]));
    await expectUntouched();
  });

  test('a completion with a wrong ETag or a missing part is rejected', async () => {
    const [first, second] = parts;
    for (const wrong of [
      { ...second, ETag: first.ETag },
      { PartNumber: 3, ETag: second.ETag },
    ]) {
      await expect(upload.complete([first, wrong])).rejects.toMatchObject({
        name: 'InvalidPart',
        $metadata: { httpStatusCode: 400 },
        PartNumber: String(wrong.PartNumber),
      });
    }
    await expectUntouched();
  });

  test('a completion with parts out of order or listed twice is rejected', async () => {
    const [first, second] = parts;
    for (const list of [
      [second, first],
      [first, first],
    ]) {
      await expect(upload.complete(list)).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    }
    await expectUntouched();
  });

  test('a completion can list ETags without quotes', async () => {
    await upload.complete(parts.map((part) => ({ ...part, ETag: part.ETag?.replaceAll('"', '') })));
  });

  test.each([
    ['an empty document', ''],
    ['a document that is not XML', 'PartNumber=1'],
    ['incomplete XML', '<CompleteMultipartUpload><Part>'],
    ['an unexpected root element', '<Delete><Object><Key>a</Key></Object></Delete>'],
    ['no parts', '<CompleteMultipartUpload/>'],
    [
      'a part without an ETag',
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
    ],
    [
      'an invalid part number',
      '<CompleteMultipartUpload><Part><PartNumber>one</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>',
    ],
    ['deeply nested XML', '<a>'.repeat(HOSTILE_DEPTH)],
    ['more than 10,000 parts', listOfParts(10_001)],
  ])('a completion with %s is rejected', async (_, body) => {
    const response = await s3.sendSigned({
      method: 'POST',
      target: `/files/a?uploadId=${upload.uploadId}`,
      headers: { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') },
      body,
    });
    expect(verdict(response)).toEqual([400, 'MalformedXML']);
    await expectUntouched();
  });

  test('a completion is rejected if its document does not match the signed hash or is too long', async () => {
    const send = (body: string, sha256: string) =>
      s3.sendSigned({
        method: 'POST',
        target: `/files/a?uploadId=${upload.uploadId}`,
        headers: { 'x-amz-content-sha256': sha256 },
        body,
      });
    const other = createHash('sha256').update('other').digest('hex');
    expect(verdict(await send('<x/>', other))).toEqual([400, 'XAmzContentSHA256Mismatch']);
    const long = ' '.repeat(4 * 1024 ** 2 + 1);
    expect(verdict(await send(long, 'UNSIGNED-PAYLOAD'))).toEqual([400, 'EntityTooLarge']);
    await expectUntouched();
  });

  test('a completion can list 10,000 parts', async () => {
    const body = listOfParts(10_000);
    const target = `/files/a?uploadId=${upload.uploadId}`;
    const headers = { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') };
    const response = await s3.sendSigned({ method: 'POST', target, headers, body });
    expect(verdict(response)).toEqual([400, 'InvalidPart']);
  });

  test("a completion returns the object's URL, with the key percent-encoded", async () => {
    const spelled = await SdkUpload.begin(s3.client, { Key: 'ordner/ä b+?#' });
    const { Location } = await spelled.complete([withoutChecksums(await spelled.part(1, 'x'))]);
    expect(Location).toBe(`${s3.service.url}/files/ordner/%C3%A4%20b%2B%3F%23`);
  });

  test('a completion with a wrong total size is rejected', async () => {
    const wrong = upload.complete(parts, { MpuObjectSize: WHOLE.length + 1 });
    await expect(wrong).rejects.toMatchObject({ name: 'InvalidRequest' });
    await expectUntouched();
  });

  test('a completion with the correct total size is accepted', async () => {
    await upload.complete(parts, { MpuObjectSize: WHOLE.length });
    expect(s3.created).toMatchObject([{ size: WHOLE.length }]);
  });

  test('a completion that would replace an object fails with If-None-Match: * or a wrong If-Match', async () => {
    const { ETag } = await s3.put({ Key: 'a' });
    const refused = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };
    await expect(upload.complete(parts, { IfNoneMatch: '*' })).rejects.toMatchObject(refused);
    await expect(upload.complete(parts, { IfMatch: '"another"' })).rejects.toMatchObject(refused);
    expect(await s3.read('a')).toBe('content');
    await upload.complete(parts, { IfMatch: ETag });
  });

  test('exactly one of two concurrent completions of the same key succeeds with If-None-Match: *', async () => {
    const rival = await SdkUpload.begin(s3.client);
    const rivals = [withoutChecksums(await rival.part(1, PARTS[0]))];
    const onlyNew = { IfNoneMatch: '*' } as const;
    const outcomes = await Promise.allSettled([
      upload.complete(parts, onlyNew),
      rival.complete(rivals, onlyNew),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(s3.created).toHaveLength(1);
  });

  test('a completion in a versioned bucket keeps the earlier version', async () => {
    const { VersionId: earlier } = await s3.put({ Key: 'a' });
    const { VersionId } = await upload.complete(parts);
    expect(VersionId).not.toBe(earlier);
    expect(await s3.read('a', { VersionId: earlier })).toBe('content');
  });
});
