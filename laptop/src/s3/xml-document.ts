import { parseXML } from '@aws-sdk/xml-builder';
import { z } from 'zod';
import { failure, type S3Failure } from './failures.ts';

/** A document in a request, parsed by its schema. */
export interface SentDocument<T> {
  readonly kind: 'document';
  readonly value: T;
}

/** An element that may occur several times. XML cannot tell a single one from a list of one. */
export const repeated = <T extends z.ZodType>(schema: T) =>
  z.union([z.array(schema), schema.transform((one) => [one])]);

/** Reads a document. Its schema decides whether unknown elements are refused or ignored. */
export function readXmlDocument<T>(
  body: Buffer,
  root: string,
  schema: z.ZodType<T>,
): SentDocument<T> | S3Failure {
  const parsed = z.object({ [root]: schema }).safeParse(parse(body.toString('utf8')));
  const value = parsed.data?.[root];
  return value === undefined ? failure('MalformedXML') : { kind: 'document', value };
}

/** Returns undefined for invalid XML. */
function parse(text: string): unknown {
  try {
    return parseXML(text);
  } catch {
    return undefined;
  }
}
