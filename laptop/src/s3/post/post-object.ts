import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize } from '../../access.ts';
import type { RawRequest } from '../../sigv4/raw-request.ts';
import type { PolicyVerifier } from '../../sigv4/verify.ts';
import type { Bucket } from '../bucket.ts';
import { DEFAULT_CHECKSUM, fullObject } from '../checksums.ts';
import type { ContentFacts } from '../content-digests.ts';
import { failure, failureOfSignature, type S3Failure, wrongChecksum } from '../failures.ts';
import { CONTENT_HEADERS } from '../object-attributes.ts';
import { readTagging } from '../object-tags.ts';
import type { BucketCall, ServiceCall } from '../operations/call.ts';
import { freshEtag, readNewObject, storeObject } from '../operations/store-object.ts';
import { createPermissionCheck } from '../permissions.ts';
import type { Reply } from '../reply.ts';
import { readChecksum } from '../upload-body.ts';
import { writeDigested } from '../write-digested.ts';
import { BodyRefused, readForm, type SentForm } from './form.ts';
import { type PostPolicy, policyFailure, readPostPolicy } from './post-policy.ts';
import { answerPost } from './post-response.ts';

/** A request with a form, and everything that is needed to process it. */
export interface PostCall extends Pick<ServiceCall, 'buckets' | 'clock' | 'region' | 'emit'> {
  readonly raw: RawRequest;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly bucket: Bucket;
  readonly verify: PolicyVerifier;
  readonly authorize: Authorize;
}

/**
 * Creates an object from a form that a browser sends. The form must comply with the signed policy that it contains.
 * Apart from that, IAM and S3 treat the form as a PUT with the fields as headers.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export async function postObject(post: PostCall): Promise<Reply> {
  const form = await readForm(post.message, post.response);
  if (form.kind === 'failure') return form;
  try {
    return await accept(post, form);
  } finally {
    await form.close();
  }
}

async function accept(post: PostCall, form: SentForm): Promise<Reply> {
  const { bucket, clock } = post;
  const key = form.fields.get('key')?.replaceAll(/\$\{filename\}/g, () => form.fileName);
  if (key === undefined || key === '') return missing('key');
  const encodedPolicy = form.fields.get('policy');
  if (encodedPolicy === undefined) return failure('AccessDenied');
  const absent = SIGNATURE_FIELDS.find((name) => !form.fields.has(name.toLowerCase()));
  if (absent !== undefined) return missing(absent);
  const verification = await post.verify(form.fields);
  if (!verification.ok) return failureOfSignature(verification.failure);
  const policy = readPostPolicy(encodedPolicy);
  if (policy.kind === 'failure') return policy;
  const fields = new Map(form.fields).set('key', key).set('bucket', bucket.name);
  const refused = policyFailure(policy, fields, clock());
  if (refused !== undefined) return refused;

  const headers = headersOf(fields);
  if ('kind' in headers) return headers;
  const { raw, message, response, authorize, ...service } = post;
  const address = {
    method: 'PUT',
    bucketName: bucket.name,
    key,
    query: new Map<string, readonly string[]>(),
  };
  const request = { ...address, headers, signature: verification.signature, message, response };
  const call = {
    ...service,
    request,
    checkPermission: createPermissionCheck(request, authorize),
    body: Buffer.alloc(0),
  };
  const object = await store(call, form, policy);
  if (object.kind === 'failure') return object;
  return answerPost(object, fields, raw.headers.get('host') ?? '');
}

/** The fields of a signature, as S3 spells them in errors. */
const SIGNATURE_FIELDS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'];

const missing = (name: string): S3Failure =>
  failure('InvalidArgument', {
    message: `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    details: { ArgumentName: name, ArgumentValue: '' },
  });

/** Returns the headers of the equivalent PUT. */
function headersOf(fields: ReadonlyMap<string, string>): Map<string, string> | S3Failure {
  const headers = new Map(
    [...fields].filter(([name]) => name.startsWith('x-amz-') || CONTENT_HEADERS.includes(name)),
  );
  const acl = fields.get('acl');
  if (acl !== undefined) headers.set('x-amz-acl', acl);
  const tagging = fields.get('tagging');
  if (tagging === undefined) return headers;
  const sent = readTagging(Buffer.from(tagging));
  if (sent.kind === 'failure') return sent;
  return headers.set(
    'x-amz-tagging',
    new URLSearchParams(sent.tags.map(({ key, value }): [string, string] => [key, value])).toString(),
  );
}

/** Checks all permissions that are needed, and stores the file of a form. */
async function store(call: BucketCall, { bytes }: SentForm, { size: { min, max } }: PostPolicy) {
  const attributes = await readNewObject(call);
  if (attributes.kind === 'failure') return attributes;
  const claimed = readChecksum(call.request.headers);
  if ('kind' in claimed) return claimed;
  const algorithm = claimed.checksum?.algorithm ?? DEFAULT_CHECKSUM;

  const file = call.buckets.unfinishedFile();
  const tooLarge = failure('EntityTooLarge', { details: { MaxSizeAllowed: String(max) } });
  let facts: ContentFacts;
  try {
    facts = await writeDigested(limited(bytes, max, tooLarge), file, algorithm);
  } catch (error) {
    if (error instanceof BodyRefused) return error.failure;
    throw error;
  }
  const { size, md5 } = facts;
  const checksum = fullObject(facts.checksum(algorithm));
  const wrong = claimed.checksum !== undefined && claimed.checksum.value !== checksum.value;
  if (size < min || wrong) {
    await rm(file);
    if (wrong) return wrongChecksum(algorithm);
    return failure('EntityTooSmall', {
      details: { ProposedSize: String(size), MinSizeAllowed: String(min) },
    });
  }
  const content = { files: [file], size, md5, etag: freshEtag(attributes, md5), checksum };
  return storeObject(call, content, attributes, 'POST Object');
}

/** Yields the bytes of a body. @throws BodyRefused with `refusal` if the body is longer than `length` bytes */
async function* limited(
  pieces: AsyncIterable<Buffer>,
  length: number,
  refusal: S3Failure,
): AsyncGenerator<Buffer, void, undefined> {
  let passed = 0;
  for await (const piece of pieces) {
    passed += piece.length;
    if (passed > length) throw new BodyRefused(refusal);
    yield piece;
  }
}
