import { checksumElement } from '../checksums.ts';
import { failure } from '../failures.ts';
import type { ObjectVersion } from '../object-record.ts';
import { type Reply, xml } from '../reply.ts';
import { parameter } from '../request.ts';
import { document, element, type Xml } from '../xml.ts';
import { type BucketCall, kmsFailure } from './call.ts';
import { findObject, versionHeaders } from './find-object.ts';

/** The supported attributes, in the order of S3's response. `ObjectParts` is not supported. */
const ATTRIBUTES: Readonly<Record<string, (object: ObjectVersion) => Xml>> = {
  ETag: ({ etag }) => element('ETag', etag),
  Checksum: ({ checksum: { algorithm, value, type } }) =>
    element('Checksum', [
      element(checksumElement(algorithm), value.replace(/-\d+$/, '')),
      element('ChecksumType', type),
    ]),
  StorageClass: ({ storageClass }) => element('StorageClass', storageClass),
  ObjectSize: ({ size }) => element('ObjectSize', size),
};

/**
 * Returns the attributes that a request lists.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
 */
export async function getObjectAttributes(call: BucketCall): Promise<Reply> {
  const { request, bucket } = call;
  const { key } = request;
  const versionId = parameter(request, 'versionId');
  const object = await findObject(call, key, versionId, 'GetObjectAttributes');
  if (object.kind === 'failure') return object;
  const { encryption } = object;
  const denied = await kmsFailure(call, 'kms:Decrypt', { bucketName: bucket.name, key, encryption });
  if (denied !== undefined) return denied;
  // Another request may have replaced the object during the authorization.
  if (bucket.find(key, versionId) !== object) return getObjectAttributes(call);

  const names = (request.headers.get('x-amz-object-attributes') ?? '').split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(ATTRIBUTES, name));
  if (unknown === 'ObjectParts') return failure('NotImplemented', { details: { Attribute: unknown } });
  if (unknown !== undefined) {
    return failure('InvalidArgument', { message: 'Invalid attribute name specified.' });
  }
  const requested = Object.entries(ATTRIBUTES).filter(([name]) => names.includes(name));
  return xml(
    document(
      'GetObjectAttributesResponse',
      requested.map(([, attribute]) => attribute(object)),
    ),
    { 'last-modified': object.lastModified.toUTCString(), ...versionHeaders(object) },
  );
}
