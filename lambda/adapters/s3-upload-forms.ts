import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../domain/ports.ts';
import type { FormSigner, SignedForm } from '../domain/upload-links/ports.ts';
import { keyOfUpload, type Upload } from '../domain/uploads/upload.ts';
import { dispositionOf } from './attachment.ts';
import { PORT } from './s3-upload-parts.ts';
import { callService } from './service-fault.ts';

/**
 * Signs forms that upload a file into the quarantine without JavaScript. The policy fixes every field, so S3 accepts no
 * other key, type, name, or encryption, and no larger file. It cannot require that the object does not exist yet,
 * because a form has no field for `If-None-Match`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/developerguide/sigv4-HTTPPOSTConstructPolicy.html
 */
export class S3UploadForms implements FormSigner {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #keyArn: string;
  readonly #clock: Clock;

  constructor(
    client: S3Client,
    options: { readonly bucket: string; readonly keyArn: string; readonly clock: Clock },
  ) {
    this.#client = client;
    this.#bucket = options.bucket;
    this.#keyArn = options.keyArn;
    this.#clock = options.clock;
  }

  async presignForm(
    { uploadId, type, fileName, size }: Upload,
    { seconds, returnTo }: { readonly seconds: number; readonly returnTo: string },
  ): Promise<SignedForm> {
    const { credentials, region } = this.#client.config;
    const identity = await callService(PORT, () => credentials());
    const regionName = await region();
    const now = this.#clock();
    const date = now.toISOString().replace(/[-:]|\.\d+/g, '');
    const fields = {
      key: keyOfUpload(uploadId),
      'Content-Type': type,
      'Content-Disposition': dispositionOf(fileName),
      'x-amz-meta-file-name': encodeURIComponent(fileName),
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': this.#keyArn,
      success_action_redirect: returnTo,
      'x-amz-algorithm': 'AWS4-HMAC-SHA256',
      'x-amz-credential': `${identity.accessKeyId}/${date.slice(0, 8)}/${regionName}/s3/aws4_request`,
      'x-amz-date': date,
      ...(identity.sessionToken !== undefined && { 'x-amz-security-token': identity.sessionToken }),
    };
    const conditions = [
      { bucket: this.#bucket },
      ['content-length-range', 1, size],
      ...Object.entries(fields).map(([name, value]) => ({ [name]: value })),
    ];
    const expiration = new Date(now.getTime() + seconds * 1000).toISOString();
    const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
    const signer = new SignatureV4({
      service: 's3',
      region: regionName,
      credentials: identity,
      sha256: Sha256,
    });
    const signature = await signer.sign(policy, { signingDate: now });
    return { url: await this.#address(), fields: { ...fields, policy, 'x-amz-signature': signature } };
  }

  /** Returns the URL of the bucket, in the addressing style that the client uses. */
  async #address(): Promise<string> {
    const signed = await getSignedUrl(this.#client, new HeadBucketCommand({ Bucket: this.#bucket }));
    const { origin, pathname } = new URL(signed);
    return `${origin}${pathname}`;
  }
}
