import { linkSync } from 'node:fs';
import { checksumElement, fullObject } from '../checksums.ts';
import { failure, type S3Failure } from '../failures.ts';
import { existingTagConditions, requestTagConditions } from '../object-tags.ts';
import { objectArn } from '../permissions.ts';
import { type Reply, xml } from '../reply.ts';
import { StoredBytes } from '../stored-bytes.ts';
import { writeDigested } from '../write-digested.ts';
import { document, element } from '../xml.ts';
import type { BucketCall } from './call.ts';
import { type CopySource, findCopySource } from './copy-source.ts';
import { freshEtag, readNewObject, storeObject, writtenHeaders } from './store-object.ts';

/** Maximum size of a copy: 5 GiB. */
const MAX_BYTES = 5 * 1024 ** 3;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(call: BucketCall): Promise<Reply> {
  const { request, bucket, buckets } = call;
  const found = await findCopySource(call);
  if (found.kind === 'failure') return found;
  const { address, sourceBucket, source } = found;
  if (source.size > MAX_BYTES)
    return failure('InvalidRequest', { message: 'The copy source is larger than 5 GiB.' });

  const replaces = request.headers.get('x-amz-metadata-directive') === 'REPLACE';
  const changes = ['x-amz-storage-class', 'x-amz-server-side-encryption'].some((name) =>
    request.headers.has(name),
  );
  const sameObject =
    sourceBucket === bucket && address.key === request.key && address.versionId === undefined;
  if (sameObject && !replaces && !changes) {
    return failure('InvalidRequest', {
      message: 'The copy would not change the object.',
    });
  }
  const attributes = await readNewObject(call);
  if (attributes.kind === 'failure') return attributes;
  const headers = replaces ? attributes.headers : source.headers;
  const retags = request.headers.get('x-amz-tagging-directive') === 'REPLACE';
  const tags = retags ? attributes.tags : source.tags;
  const untagged = retags ? undefined : await tagCopyFailure(call, found);
  if (untagged !== undefined) return untagged;
  // Another request may have replaced the source during the authorization.
  if (sourceBucket.find(address.key, address.versionId) !== source) return copyObject(call);

  const file = buckets.unfinishedFile();
  const { md5, checksum } = await copyBytes(found, file);
  const content = { files: [file], size: source.size, md5, checksum, etag: freshEtag(attributes, md5) };
  const object = storeObject(call, content, { ...attributes, headers, tags }, 'CopyObject');
  if (object.kind === 'failure') return object;
  const { etag: _, ...written } = writtenHeaders(object);
  return xml(
    document('CopyObjectResult', [
      element('LastModified', object.lastModified.toISOString()),
      element('ETag', `"${object.etag}"`),
      element(checksumElement(object.checksum.algorithm), object.checksum.value),
      element('ChecksumType', 'FULL_OBJECT'),
    ]),
    { ...written, 'x-amz-copy-source-version-id': source.versionId },
  );
}

/** Copies an object's bytes into a file, or hard-links the file that contains them. Returns the bytes' digests. */
async function copyBytes({ address, sourceBucket, source }: CopySource, file: string) {
  const { size, md5, checksum } = source;
  const [path, ...more] = sourceBucket.pathsOf(address.key, source);
  if (md5 === undefined || path === undefined || more.length > 0) {
    const bytes = new StoredBytes(sourceBucket, address.key, source, { start: 0, end: size - 1 });
    const writing = writeDigested(bytes.read(), file, checksum.algorithm);
    const facts = await writing.finally(() => bytes.close());
    return { md5: facts.md5, checksum: fullObject(facts.checksum(checksum.algorithm)) };
  }
  // The files of a version never change, so two versions can share a file.
  linkSync(path, file);
  return { md5, checksum };
}

/** Checks the permissions to read the source's tags and to set them on the copy. */
async function tagCopyFailure(
  { request, bucket, checkPermission }: BucketCall,
  { address, source }: CopySource,
): Promise<S3Failure | undefined> {
  const { tags } = source;
  if (tags.length === 0) return undefined;
  const read = address.versionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging';
  return (
    (await checkPermission(read, objectArn(address.bucketName, address.key), existingTagConditions(tags))) ??
    (await checkPermission(
      's3:PutObjectTagging',
      objectArn(bucket.name, request.key),
      requestTagConditions(tags),
    ))
  );
}
