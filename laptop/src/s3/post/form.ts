import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { invitesBody } from '../../loopback-server.ts';
import type { RawRequest } from '../../sigv4/raw-request.ts';
import { failure, type S3Failure } from '../failures.ts';
import type { S3Address } from '../request.ts';

/** A form that has been read up to its file. */
export interface SentForm {
  readonly kind: 'form';
  /** Values by lowercase name. As in S3, fields after the file are ignored. */
  readonly fields: ReadonlyMap<string, string>;
  /** The bytes of the file. Throws `BodyRefused` if the form is malformed. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Stops reading. After that, the rest of the request can be discarded. */
  close(): Promise<void>;
}

/** Carries a failure out of a file stream, which cannot return one. */
export class BodyRefused extends Error {
  readonly failure: S3Failure;

  constructor(failure: S3Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Maximum total size of the fields before the file, in bytes. */
const MAX_FIELD_BYTES = 20 * 1024;

/** Returns whether a request is a form. A form's signature is in its fields instead of the Authorization header. */
export const isForm = ({ method, headers }: RawRequest, { key, query }: S3Address): boolean =>
  method === 'POST' && key === '' && query.size === 0 && !headers.has('authorization');

/**
 * Reads a form up to its file.
 *
 * @throws if the client disconnects before the file begins
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export async function readForm(
  message: IncomingMessage,
  response: ServerResponse,
): Promise<SentForm | S3Failure> {
  const contentType = message.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(contentType)) {
    const Condition = 'Bucket POST must be of the enclosure-type multipart/form-data';
    return failure('PreconditionFailed', { details: { Condition } });
  }
  const parser = parserFor(contentType);
  if (parser === undefined) return failure('MalformedPOSTRequest');
  const fields = new Map<string, string>();
  let size = 0;
  const early = Promise.withResolvers<SentForm | S3Failure>();
  const stopped = new AbortController();
  const close = async (): Promise<void> => {
    stopped.abort();
    await Promise.allSettled([read]);
  };
  let opened: Readable | undefined;

  parser.on('field', (name, value) => {
    if (opened !== undefined) return;
    size += Buffer.byteLength(name) + Buffer.byteLength(value);
    fields.set(name.toLowerCase(), value);
    if (size >= MAX_FIELD_BYTES) early.resolve(failure('MaxPostPreDataLengthExceeded'));
  });
  parser.on('file', (_name, file) => {
    opened = file;
    // Without a listener, the error would crash the process. Code that reads the file gets the same error.
    file.on('error', () => undefined);
    early.resolve({ kind: 'form', fields, bytes: bytesOf(file, read), close });
  });
  invitesBody(message, response);
  // Keep the connection open if the form is rejected, so that the client can read the error.
  const bytes = message.iterator({ destroyOnReturn: false });
  const read = pipeline(bytes, parser, { signal: stopped.signal }).catch(() => {
    // Either the client has disconnected, or the form is malformed.
    const reason = message.errored ?? new BodyRefused(failure('MalformedPOSTRequest'));
    opened?.destroy(reason);
    throw reason;
  });
  read.then(() => early.resolve(withoutFile()), early.reject);

  try {
    const form = await early.promise;
    if (form.kind === 'failure') await close();
    return form;
  } catch (error) {
    if (error instanceof BodyRefused) return error.failure;
    throw error;
  }
}

/** Creates a parser for a form. Returns undefined if the content type has no valid boundary. */
function parserFor(contentType: string) {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { fieldSize: MAX_FIELD_BYTES, files: 1 },
      isPartAFile: (name) => name?.toLowerCase() === 'file',
    });
  } catch {
    return undefined;
  }
}

async function* bytesOf(
  file: AsyncIterable<Buffer>,
  read: Promise<void>,
): AsyncGenerator<Buffer, void, undefined> {
  yield* file;
  // The rest of the form can be malformed even if the file is complete.
  await read;
}

const withoutFile = (): S3Failure =>
  failure('InvalidArgument', {
    message: 'POST requires exactly one file upload per request.',
    details: { ArgumentName: 'file', ArgumentValue: '0' },
  });
