import { parseXML } from '@aws-sdk/xml-builder';
import { z } from 'zod';
import { failure, type S3Failure } from './failures.ts';

/** A document that was sent, as its schema reads it. */
export interface SentDocument<T> {
  readonly kind: 'document';
  readonly value: T;
}

/** An element that may occur several times, of which XML cannot tell one from a list of one. */
export const repeated = <T extends z.ZodType>(schema: T) =>
  z.union([z.array(schema), schema.transform((one) => [one])]);

/** Reads a document; whatever is not in its schema is refused or ignored, as the schema has it. */
export function readXmlDocument<T>(
  body: Buffer,
  root: string,
  schema: z.ZodType<T>,
): SentDocument<T> | S3Failure {
  const parsed = z.object({ [root]: schema }).safeParse(parse(body.toString('utf8')));
  const value = parsed.data?.[root];
  return value === undefined ? failure('MalformedXML') : { kind: 'document', value };
}

/** Undefined if it is no XML. */
function parse(text: string): unknown {
  try {
    return parseXML(text);
  } catch {
    return undefined;
  }
}
