import { parseXML } from '@aws-sdk/xml-builder';
import { z } from 'zod';
import { failure, type S3Failure } from './failures.ts';

/** A document from a request, parsed with a schema. */
export interface SentDocument<T> {
  readonly kind: 'document';
  readonly value: T;
}

/**
 * Schema for an element that can occur several times. The parser returns a list only if the element occurs more than
 * once.
 */
export const repeated = <T extends z.ZodType>(schema: T) =>
  z.union([z.array(schema), schema.transform((one) => [one])]);

/** Parses a document. The schema determines whether unknown elements are rejected or ignored. */
export function readXmlDocument<T>(
  body: Buffer,
  root: string,
  schema: z.ZodType<T>,
): SentDocument<T> | S3Failure {
  const parsed = z.object({ [root]: schema }).safeParse(parse(body.toString('utf8')));
  const value = parsed.data?.[root];
  return value === undefined ? failure('MalformedXML') : { kind: 'document', value };
}

function parse(text: string): unknown {
  try {
    return parseXML(text);
  } catch {
    return undefined;
  }
}
