import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { expect } from '@jest/globals';
import { clientSettings } from '../../lambda/adapters/client-settings.ts';
import { s3Settings } from '../../lambda/adapters/s3-file-store.ts';
import { S3UploadChecks } from '../../lambda/adapters/s3-upload-checks.ts';
import { S3UploadRequests } from '../../lambda/adapters/s3-upload-requests.ts';
import { S3UploadVersions } from '../../lambda/adapters/s3-upload-versions.ts';
import type { SignedRequest } from '../../lambda/domain/uploads/ports.ts';
import type { Upload } from '../../lambda/domain/uploads/upload.ts';
import { startDigest } from '../../laptop/src/s3/checksums.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { KMS_KEY_ARN, localS3, S3_CREDENTIALS } from '../../laptop/test/support/local-s3.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';
import { uploadAt } from '../support/uploads.ts';

export const BUCKET = 'files';

/** Returns an upload that is sent in one PUT. */
export function whole(body: string | Buffer, more: Partial<Upload> = {}): Upload {
  const base64 = createHash('sha256').update(body).digest('base64');
  const size = Buffer.byteLength(body);
  return { ...uploadAt(new Date()), size, checksum: { kind: 'sha256', base64 }, ...more };
}

/** Starts a separate local S3 for each test in the calling file. Returns it with functions that upload to it. */
export function uploadBucket() {
  const s3 = localS3();
  const later = afterwards();

  /** Returns a client with the settings of deployed functions, for local S3 or for a proxy in front of it. */
  function client(endpoint = s3.service.url): S3Client {
    const connected = new S3Client({
      ...clientSettings,
      ...s3Settings,
      endpoint,
      region: 'eu-west-1',
      credentials: S3_CREDENTIALS,
    });
    later(() => connected.destroy());
    return connected;
  }

  async function behind(decide: Decide): Promise<S3Client> {
    const proxy = await startFaultProxy(s3.service.url, decide);
    later(proxy.close);
    return client(proxy.url);
  }

  const requests = (of = client()) => new S3UploadRequests(of, { bucket: BUCKET, keyArn: KMS_KEY_ARN });
  const checks = (of = client()) => new S3UploadChecks(of, { bucket: BUCKET });
  const versions = (of = client()) => new S3UploadVersions(of, BUCKET);

  /** Begins an upload in parts and returns it. */
  async function inParts(body: Buffer, more: Partial<Upload> = {}): Promise<Upload> {
    const digest = startDigest('crc64nvme');
    digest.update(body);
    const base64 = Buffer.from(await digest.digest()).toString('base64');
    const upload: Upload = {
      ...uploadAt(new Date()),
      size: body.length,
      checksum: { kind: 'crc64nvme', base64 },
      ...more,
    };
    return { ...upload, multipartId: await requests().beginMultipart(upload) };
  }

  function send({ method, url, headers }: SignedRequest, body: string | Buffer, more: object = {}) {
    const target = url.slice(s3.service.url.length);
    return s3.send({ method, target, headers: { ...headers, ...more }, body });
  }

  /** Puts the object of an upload, and returns its version ID. */
  async function stored(upload: Upload, body: string | Buffer) {
    const put = await send(await requests().presignPut(upload, 120), body);
    expect(put.status).toBe(200);
    return String(put.headers['x-amz-version-id']);
  }

  return { s3, later, client, behind, requests, checks, versions, inParts, send, stored };
}
