import { rm } from 'node:fs/promises';
import { invitesBody } from '../loopback-server.ts';
import { type Checksum, DEFAULT_CHECKSUM } from './checksums.ts';
import type { S3Failure } from './failures.ts';
import type { S3Request } from './request.ts';
import { algorithmsOf, digestFailure, type UploadBody } from './upload-body.ts';
import { writeDigested } from './write-digested.ts';

/** A complete body that matches the client's digests. */
export interface Upload {
  readonly kind: 'upload';
  readonly file: string;
  readonly size: number;
  /** In hex. */
  readonly md5: string;
  readonly checksum: Checksum;
}

/**
 * Streams a body into a file, and checks it against the client's digests.
 *
 * @param file a new path. The file is removed if the upload is rejected
 * @param kept algorithm of the checksum to keep. @default - the client's algorithm, or else S3's default
 * @throws if the client disconnects before the end
 */
export async function receiveUpload(
  request: S3Request,
  body: UploadBody,
  file: string,
  kept = body.checksum?.algorithm ?? DEFAULT_CHECKSUM,
): Promise<Upload | S3Failure> {
  const { message, response } = request;
  invitesBody(message, response);
  // Keep the connection open if the body is rejected, so that the client can read the error.
  const bytes: AsyncIterable<Buffer> = message.iterator({ destroyOnReturn: false });
  const facts = await writeDigested(bytes, file, kept, ...algorithmsOf(body));
  const refused = digestFailure(body, facts);
  if (refused !== undefined) {
    await rm(file);
    return refused;
  }
  const { size, md5 } = facts;
  return { kind: 'upload', file, size, md5, checksum: facts.checksum(kept) };
}
