import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RawRequest } from '../sigv4/raw-request.ts';
import { decodeOctets, encodeOctets, parseRequestTarget } from '../sigv4/request-target.ts';
import type { VerifiedSignature } from '../sigv4/verify.ts';

/** A request with a verified signature, and the bucket and key in its URL. */
export interface S3Request {
  readonly method: string;
  /** Empty for requests to the service. */
  readonly bucketName: string;
  /** Empty for requests to the bucket. */
  readonly key: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly signature: VerifiedSignature;
  /** The HTTP request, which contains the body. */
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

const VIRTUAL_HOST = /^(.+)\.localhost(?::\d+)?$/;

/** The bucket, key, and query of a request. */
export type S3Address = Pick<S3Request, 'bucketName' | 'key' | 'query'>;

/**
 * Reads the address from `http://HOST/BUCKET/KEY` or `http://BUCKET.localhost/KEY`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function readS3Address(raw: RawRequest): S3Address {
  const target = parseRequestTarget(raw.target);
  const path = (target === undefined ? undefined : decodeOctets(target.path)) ?? '/';
  const virtual = VIRTUAL_HOST.exec(raw.headers.get('host') ?? '')?.[1];
  const address = virtual === undefined ? path.slice(1) : `${virtual}${path}`;
  const slash = address.indexOf('/');
  return {
    bucketName: slash === -1 ? address : address.slice(0, slash),
    key: slash === -1 ? '' : address.slice(slash + 1),
    query: target?.query ?? new Map(),
  };
}

export const objectUrl = ({
  host,
  bucketName,
  key,
}: Pick<S3Request, 'bucketName' | 'key'> & { readonly host: string }): string =>
  `http://${host}/${bucketName}/${key.split('/').map(encodeOctets).join('/')}`;

/** Returns the first value of a query parameter. */
export const parameter = (request: S3Request, name: string): string | undefined =>
  request.query.get(name)?.[0];
