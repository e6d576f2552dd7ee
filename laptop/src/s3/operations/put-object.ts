import { fullObject } from '../checksums.ts';
import { receiveUpload } from '../receive-upload.ts';
import { empty, type Reply } from '../reply.ts';
import { readUploadBody } from '../upload-body.ts';
import type { BucketCall } from './call.ts';
import { freshEtag, readNewObject, storeObject, writeFailure, writtenHeaders } from './store-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(call: BucketCall): Promise<Reply> {
  const attributes = await readNewObject(call);
  if (attributes.kind === 'failure') return attributes;
  const body = readUploadBody(call.request);
  if (body.kind === 'failure') return body;
  const early = writeFailure(call);
  if (early !== undefined) return early;

  const upload = await receiveUpload(call.request, body, call.buckets.unfinishedFile());
  if (upload.kind === 'failure') return upload;
  const { file, size, md5, checksum } = upload;
  const content = {
    files: [file],
    size,
    md5,
    etag: freshEtag(attributes, md5),
    checksum: fullObject(checksum),
  };
  const object = storeObject(call, content, attributes, 'PutObject');
  return object.kind === 'failure' ? object : empty(200, writtenHeaders(object));
}
