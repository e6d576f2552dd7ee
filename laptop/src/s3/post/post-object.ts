import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize } from '../../access.ts';
import type { PolicyVerifier } from '../../sigv4/verify.ts';
import type { Bucket } from '../bucket.ts';
import { DEFAULT_CHECKSUM, fullObject } from '../checksums.ts';
import type { ContentFacts } from '../content-digests.ts';
import { failure, failureOfSignature, type S3Failure } from '../failures.ts';
import { CONTENT_HEADERS } from '../object-attributes.ts';
import type { BucketCall, ServiceCall } from '../operations/call.ts';
import { freshEtag, readNewObject, storeObject, writtenHeaders } from '../operations/store-object.ts';
import { createPermissionCheck } from '../permissions.ts';
import { empty, type Reply } from '../reply.ts';
import { writeDigested } from '../write-digested.ts';
import { BodyRefused, readForm, type SentForm } from './form.ts';
import { type PostPolicy, policyFailure, readPostPolicy } from './post-policy.ts';

/** A request with a form, and everything that is needed to process it. */
export interface PostCall extends Pick<ServiceCall, 'buckets' | 'clock' | 'region' | 'emit'> {
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
  const key = form.fields.get('key');
  if (key === undefined || key === '') return missing('key');
  const encodedPolicy = form.fields.get('policy');
  if (encodedPolicy === undefined) return failure('AccessDenied');
  const absent = SIGNATURE_FIELDS.find((name) => !form.fields.has(name.toLowerCase()));
  if (absent !== undefined) return missing(absent);
  const verification = await post.verify(form.fields);
  if (!verification.ok) return failureOfSignature(verification.failure);
  const policy = readPostPolicy(encodedPolicy);
  if (policy.kind === 'failure') return policy;
  const fields = new Map(form.fields).set('bucket', bucket.name);
  const refused = policyFailure(policy, fields, clock());
  if (refused !== undefined) return refused;
  const unsupported = /\$\{filename\}/.test(key)
    ? 'key'
    : [...fields.keys()].find((name) => UNSUPPORTED.test(name));
  if (unsupported !== undefined) return failure('NotImplemented', { details: { Field: unsupported } });

  const headers = headersOf(fields);
  const { message, response, authorize, ...service } = post;
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
  const next = redirectOf(fields.get('success_action_redirect') ?? '');
  if (next === undefined) return empty(204, writtenHeaders(object));
  for (const [name, value] of Object.entries({ bucket: bucket.name, key, etag: `"${object.etag}"` })) {
    next.searchParams.append(name, value);
  }
  return empty(303, { ...writtenHeaders(object), location: next.href });
}

/** Parses a redirect URL. Returns undefined if it is invalid, because S3 then ignores the field. */
function redirectOf(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** Fields that local mode does not support. */
const UNSUPPORTED = /^(acl|redirect|success_action_status|tagging|x-amz-(sdk-)?checksum-.*)$/;

/** The signature fields, spelled as in S3's errors. */
const SIGNATURE_FIELDS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'];

const missing = (name: string): S3Failure =>
  failure('InvalidArgument', {
    message: `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    details: { ArgumentName: name, ArgumentValue: '' },
  });

/** Returns the headers of the equivalent PUT. */
const headersOf = (fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...fields].filter(([name]) => name.startsWith('x-amz-') || CONTENT_HEADERS.includes(name)));

/** Checks all required permissions, and stores a form's file. */
async function store(call: BucketCall, { bytes }: SentForm, { size: { min, max } }: PostPolicy) {
  const attributes = await readNewObject(call);
  if (attributes.kind === 'failure') return attributes;
  const file = call.buckets.unfinishedFile();
  const tooLarge = failure('EntityTooLarge', { details: { MaxSizeAllowed: String(max) } });
  let facts: ContentFacts;
  try {
    facts = await writeDigested(limited(bytes, max, tooLarge), file, DEFAULT_CHECKSUM);
  } catch (error) {
    if (error instanceof BodyRefused) return error.failure;
    throw error;
  }
  const { size, md5 } = facts;
  if (size < min) {
    await rm(file);
    return failure('EntityTooSmall', {
      details: { ProposedSize: String(size), MinSizeAllowed: String(min) },
    });
  }
  const checksum = fullObject(facts.checksum(DEFAULT_CHECKSUM));
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
