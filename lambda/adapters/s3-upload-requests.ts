import {
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Unavailable } from '../domain/errors.ts';
import type { Quarantine, SignedRequest } from '../domain/uploads/ports.ts';
import { keyOfUpload, type Upload } from '../domain/uploads/upload.ts';
import { dispositionOf } from './attachment.ts';
import { PORT, partsIn } from './s3-upload-parts.ts';
import { callService } from './service-fault.ts';

/**
 * Signs requests that upload a file into the quarantine. If the file is sent in one PUT, the signature covers a header
 * for each requirement, so S3 refuses any other length, checksum, type, or encryption, and also a second PUT. The
 * signature of a part covers only its length. Its clients must be created with `s3Settings`.
 */
export class S3UploadRequests
  implements Pick<Quarantine, 'presignPut' | 'beginMultipart' | 'presignPart' | 'parts'>
{
  readonly parts: Quarantine['parts'];
  readonly #client: S3Client;
  readonly #signer: S3Client;
  readonly #bucket: string;
  readonly #keyArn: string;

  /** @param signer client that signs for the endpoint through which senders reach S3 */
  constructor(
    client: S3Client,
    options: { readonly bucket: string; readonly keyArn: string },
    signer = client,
  ) {
    this.#client = client;
    this.#signer = signer;
    this.#bucket = options.bucket;
    this.#keyArn = options.keyArn;
    this.parts = partsIn(client, options.bucket);
  }

  async presignPut(upload: Upload, seconds: number): Promise<SignedRequest> {
    const { size, checksum } = upload;
    const put = new PutObjectCommand({
      ...this.#object(upload),
      ContentLength: size,
      ChecksumSHA256: checksum.base64,
      IfNoneMatch: '*',
    });
    return await signed((settings) => getSignedUrl(this.#signer, put, settings), seconds, {
      'content-length': String(size),
      'content-type': upload.type,
      'content-disposition': dispositionOf(upload.fileName),
      'if-none-match': '*',
      'x-amz-checksum-sha256': checksum.base64,
      'x-amz-meta-file-name': encodeURIComponent(upload.fileName),
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': this.#keyArn,
    });
  }

  async beginMultipart(upload: Upload): Promise<string> {
    const begin = new CreateMultipartUploadCommand({
      ...this.#object(upload),
      ChecksumAlgorithm: 'CRC64NVME',
      ChecksumType: 'FULL_OBJECT',
    });
    const { UploadId } = await callService(PORT, () => this.#client.send(begin));
    if (UploadId === undefined) throw new Unavailable(PORT, 'the response has no upload ID');
    return UploadId;
  }

  async presignPart(
    { uploadId, multipartId }: Upload,
    { partNumber, size }: { partNumber: number; size: number },
    seconds: number,
  ): Promise<SignedRequest> {
    const put = new UploadPartCommand({
      Bucket: this.#bucket,
      Key: keyOfUpload(uploadId),
      UploadId: multipartId,
      PartNumber: partNumber,
      ContentLength: size,
    });
    return await signed((settings) => getSignedUrl(this.#signer, put, settings), seconds, {
      'content-length': String(size),
    });
  }

  /** Returns the parameters that a single PUT and a multipart upload share. */
  #object({ uploadId, type, fileName }: Upload) {
    return {
      Bucket: this.#bucket,
      Key: keyOfUpload(uploadId),
      ContentType: type,
      ContentDisposition: dispositionOf(fileName),
      Metadata: { 'file-name': encodeURIComponent(fileName) },
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: this.#keyArn,
    } as const;
  }
}

/**
 * Signs a request. By default, the SDK leaves `content-type` unsigned, and moves the checksum into the query, where S3
 * ignores it.
 *
 * @param headers headers that the sender has to set
 */
async function signed(
  sign: (settings: Parameters<typeof getSignedUrl>[2]) => Promise<string>,
  expiresIn: number,
  headers: SignedRequest['headers'],
): Promise<SignedRequest> {
  const names = new Set(Object.keys(headers));
  const url = await callService(PORT, () =>
    sign({ expiresIn, signableHeaders: names, unhoistableHeaders: names }),
  );
  const covered = new URL(url).searchParams.get('X-Amz-SignedHeaders');
  if (covered !== [...names, 'host'].sort().join(';')) {
    throw new Error('The signed headers differ from the headers that the sender must set');
  }
  return { method: 'PUT', url, headers };
}
