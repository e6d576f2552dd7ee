import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { S3UploadForms } from '../../lambda/adapters/s3-upload-forms.ts';
import type { SignedForm } from '../../lambda/domain/upload-links/ports.ts';
import { keyOfUpload, type Upload } from '../../lambda/domain/uploads/upload.ts';
import { KMS_KEY_ARN, verdict } from '../../laptop/test/support/local-s3.ts';
import { uploadAt } from '../support/uploads.ts';
import { BUCKET, uploadBucket } from './upload-bucket.ts';

const { checks, client, s3 } = uploadBucket();

const RETURN_TO = 'https://page.test/upload?token=t';

/** Returns an upload for a form: at most nine bytes, without a declared checksum. */
const formUpload = (more: Partial<Upload> = {}): Upload => ({
  ...uploadAt(new Date()),
  size: 9,
  checksum: { kind: 'form', base64: '' },
  ...more,
});

const signed = (upload: Upload, seconds = 900) => {
  const options = { bucket: BUCKET, keyArn: KMS_KEY_ARN, clock: () => new Date() };
  return new S3UploadForms(client(), options).presignForm(upload, { seconds, returnTo: RETURN_TO });
};

/** Sends a form as a browser does, with the file as its last field. */
async function send(
  { url, fields }: SignedForm,
  file: string,
  changes: Readonly<Record<string, string>> = {},
) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...changes })) form.append(name, value);
  form.append('file', new Blob([file]), 'whatever it was called.txt');
  const response = new Response(form);
  const headers = { 'content-type': response.headers.get('content-type') ?? '' };
  const body = Buffer.from(await response.arrayBuffer());
  return await s3.send({ method: 'POST', target: new URL(url).pathname, headers, body });
}

describe('a signed form', () => {
  test('stores the file with the signed key, type, and name, and redirects the browser back to the page', async () => {
    const upload = formUpload({ fileName: 'Bericht für Ada.pdf' });
    const response = await send(await signed(upload), '123456789');
    expect(response.status).toBe(303);
    const back = new URL(String(response.headers.location));
    expect(back.href.startsWith(RETURN_TO)).toBe(true);
    expect(back.searchParams.get('key')).toBe(keyOfUpload(upload.uploadId));
    const stored = await client().send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: keyOfUpload(upload.uploadId) }),
    );
    expect(stored).toMatchObject({
      ContentType: upload.type,
      ContentLength: 9,
      Metadata: { 'file-name': 'Bericht%20f%C3%BCr%20Ada.pdf' },
      SSEKMSKeyId: KMS_KEY_ARN,
    });
  });

  test('stores the file with a checksum that S3 computed', async () => {
    const upload = formUpload();
    await send(await signed(upload), '123456789');
    const found = await checks().inspect(upload);
    // The check value of CRC-64/NVME in the "Catalogue of parametrised CRC algorithms".
    expect(found).toMatchObject({
      size: 9,
      base64: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
    });
  });

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['a larger file', '1234567890', {}],
    ['an empty file', '', {}],
    ['another key', '1', { key: 'uploads/c0123456789abcdef0123456789abcdef' }],
    ['another type', '1', { 'Content-Type': 'text/html' }],
    ['another page to return to', '1', { success_action_redirect: 'https://elsewhere.test' }],
    ['a tag', '1', { tagging: '<Tagging><TagSet/></Tagging>' }],
  ])('rejects %s', async (_what, file, changes) => {
    const upload = formUpload();
    const response = await send(await signed(upload), file, changes);
    expect(response.status).toBeGreaterThanOrEqual(400);
    const none = client().send(new HeadObjectCommand({ Bucket: BUCKET, Key: keyOfUpload(upload.uploadId) }));
    await expect(none).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('is refused after it expires', async () => {
    const form = await signed(formUpload(), 60);
    s3.aheadSeconds = 61;
    expect(verdict(await send(form, '1'))).toEqual([403, 'AccessDenied']);
  });
});
