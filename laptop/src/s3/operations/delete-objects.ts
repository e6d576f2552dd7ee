import { z } from 'zod';
import { documentFailure } from '../command-body.ts';
import { failure, type S3Failure } from '../failures.ts';
import { type Reply, xml } from '../reply.ts';
import { document, element, type Xml } from '../xml.ts';
import { readXmlDocument, repeated } from '../xml-document.ts';
import type { BucketCall } from './call.ts';
import { type Deletion, deleteVersion } from './delete-object.ts';

const MAX_KEYS = 1000;

const Target = z.object({
  Key: z.string().min(1),
  VersionId: z.string().optional(),
  ETag: z.string().optional(),
});
type Target = z.infer<typeof Target>;

const Delete = z.object({ Object: repeated(Target), Quiet: z.enum(['true', 'false']).optional() });

/**
 * Deletes several objects. A failure for one key does not affect the others.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export async function deleteObjects(call: BucketCall): Promise<Reply> {
  const spoiled = await documentFailure(call.request, call.body);
  if (spoiled !== undefined) return spoiled;
  const sent = readXmlDocument(call.body, 'Delete', Delete);
  if (sent.kind === 'failure') return sent;
  const { Object: targets, Quiet: quiet = 'false' } = sent.value;
  if (targets.length > MAX_KEYS) return failure('MalformedXML');
  const results: Xml[] = [];
  for (const target of targets) {
    const outcome = await deleteTarget(call, target);
    if (outcome.kind === 'failure') results.push(errorElement(target, outcome));
    else if (quiet === 'false') results.push(deletedElement(target, outcome));
  }
  return xml(document('DeleteResult', results));
}

async function deleteTarget(
  call: BucketCall,
  { Key, VersionId, ETag }: Target,
): Promise<Deletion | S3Failure> {
  if (ETag !== undefined) return failure('NotImplemented');
  return deleteVersion(call, Key, VersionId);
}

function deletedElement({ Key, VersionId }: Target, { version }: Deletion): Xml {
  const marker = version?.kind === 'delete-marker' ? version : undefined;
  return element('Deleted', [
    element('Key', Key),
    VersionId === undefined ? undefined : element('VersionId', VersionId),
    marker && element('DeleteMarker', true),
    marker && element('DeleteMarkerVersionId', marker.versionId),
  ]);
}

const errorElement = ({ Key, VersionId }: Target, { code, message }: S3Failure): Xml =>
  element('Error', [
    element('Key', Key),
    VersionId === undefined ? undefined : element('VersionId', VersionId),
    element('Code', code),
    element('Message', message),
  ]);
