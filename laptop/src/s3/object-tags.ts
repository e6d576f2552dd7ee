import { z } from 'zod';
import type { Conditions } from '../access.ts';
import { failure, type S3Failure } from './failures.ts';
import { document, element } from './xml.ts';
import { readXmlDocument, repeated } from './xml-document.ts';

/** An array of tags rather than a JavaScript object, because any string can be a key, including `__proto__`. */
export const ObjectTags = z.array(z.object({ key: z.string(), value: z.string() }));
export type ObjectTags = z.infer<typeof ObjectTags>;

export interface ValidTags {
  readonly kind: 'tags';
  readonly tags: ObjectTags;
}

const MAX_TAGS = 10;
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/**
 * Validates tags.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
function validTags(tags: ObjectTags): ValidTags | S3Failure {
  if (tags.length > MAX_TAGS) {
    return failure('BadRequest', { message: `Object tags cannot be greater than ${MAX_TAGS}` });
  }
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    return failure('InvalidTag', { message: 'Cannot provide multiple Tags with the same key' });
  }
  if (tags.some(({ key }) => key.toLowerCase().startsWith('aws:'))) {
    return failure('InvalidTag', { message: 'System tags cannot be added/updated by requester' });
  }
  const wrong = tags.find(({ key, value }) => !KEY.test(key) || !VALUE.test(value));
  return wrong === undefined ? { kind: 'tags', tags } : failure('InvalidTag');
}

/** Reads the `x-amz-tagging` header, which has the format of a query string. */
export const readTaggingHeader = (headers: ReadonlyMap<string, string>): ValidTags | S3Failure =>
  validTags(
    [...new URLSearchParams(headers.get('x-amz-tagging') ?? '')].map(([key, value]) => ({ key, value })),
  );

const Tag = z.object({ Key: z.string(), Value: z.string() });

/** The parser returns an empty string for an element without children. */
const Tagging = z.object({ TagSet: z.union([z.literal(''), z.object({ Tag: repeated(Tag) })]) });

/** Reads the document in a PutObjectTagging request. */
export function readTagging(body: Buffer): ValidTags | S3Failure {
  const sent = readXmlDocument(body, 'Tagging', Tagging);
  if (sent.kind === 'failure') return sent;
  const { TagSet: set } = sent.value;
  return validTags(set === '' ? [] : set.Tag.map(({ Key, Value }) => ({ key: Key, value: Value })));
}

export const taggingDocument = (tags: ObjectTags): string =>
  document('Tagging', [
    element(
      'TagSet',
      tags.map(({ key, value }) => element('Tag', [element('Key', key), element('Value', value)])),
    ),
  ]);

/** Returns the condition keys for the tags of an object. */
export const existingTagConditions = (tags: ObjectTags): Conditions =>
  Object.fromEntries(tags.map(({ key, value }) => [`s3:ExistingObjectTag/${key}`, value]));

/** Returns the condition keys for the tags in a request. */
export const requestTagConditions = (tags: ObjectTags): Conditions =>
  tags.length === 0
    ? {}
    : {
        's3:RequestObjectTagKeys': tags.map(({ key }) => key),
        ...Object.fromEntries(tags.map(({ key, value }) => [`s3:RequestObjectTag/${key}`, value])),
      };
