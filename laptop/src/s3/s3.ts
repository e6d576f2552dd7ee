import { randomBytes } from 'node:crypto';
import { type Authorize, allowAll } from '../access.ts';
import { type RunningService, startLoopbackServer } from '../loopback-server.ts';
import { rawRequestOf } from '../sigv4/raw-request.ts';
import { type CredentialLookup, createSigV4Verifier } from '../sigv4/verify.ts';
import type { BucketSettings } from './bucket.ts';
import { openBucketStore } from './bucket-store.ts';
import { dispatch } from './dispatch.ts';
import { failureOfSignature } from './failures.ts';
import type { ObjectEvent } from './object-events.ts';
import { demandOf } from './permissions.ts';
import { type Reply, sendReply } from './reply.ts';
import { readS3Request } from './request.ts';

export interface S3Options {
  /** 0 for any free one. */
  readonly port: number;
  /** A loopback address; 127.0.0.1 if not given. */
  readonly host?: string;
  /** Holds buckets and objects; made if it is not there. */
  readonly dataDir: string;
  readonly clock: () => Date;
  readonly credentials: CredentialLookup;
  /** What IAM and the bucket policy say; everything is allowed if it is not given. */
  readonly authorize?: Authorize;
  /** Where the buckets are; `us-east-1` if not given. Signatures for another region are refused only if it is. */
  readonly region?: string;
  /** Told of every change to an object, after it happened and before the answer. Must not throw. */
  readonly onObjectEvent?: (event: ObjectEvent) => void;
}

export interface RunningS3 extends RunningService {
  /**
   * Makes a bucket, or gives an existing one these settings.
   *
   * @throws if the name is none that S3 allows
   */
  createBucket(name: string, settings: BucketSettings): void;
}

/**
 * Starts an S3 that refuses what S3 refuses: tampered, expired and missing signatures, wrong lengths and
 * checksums, and knowledge of missing keys for those who may not list.
 *
 * Buckets are addressed as `URL/BUCKET` or as `BUCKET.localhost`. What it does not know is answered with
 * `NotImplemented`, never ignored.
 */
export async function startS3(options: S3Options): Promise<RunningS3> {
  const {
    dataDir,
    clock,
    credentials,
    authorize = allowAll,
    onObjectEvent: emit = () => undefined,
  } = options;
  const buckets = openBucketStore(dataDir, clock);
  const region = options.region ?? 'us-east-1';
  const verify = createSigV4Verifier({
    service: 's3',
    clock,
    credentials,
    ...(options.region === undefined ? {} : { region: options.region }),
  });

  const service = await startLoopbackServer(options, async (message, response) => {
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    response.setHeader('date', clock().toUTCString());
    response.setHeader('server', 'AmazonS3');
    response.setHeader('x-amz-request-id', requestId);

    const raw = rawRequestOf(message);
    const verification = await verify(raw);
    let reply: Reply;
    if (verification.ok) {
      const request = readS3Request(raw, verification.signature, message, response);
      const demand = demandOf(request, authorize);
      reply = await dispatch({ request, buckets, demand, clock, region, emit });
    } else {
      reply = failureOfSignature(verification.failure);
    }
    // The path alone: the query of a presigned URL opens the object.
    const path = raw.target.split('?', 1)[0] ?? '';
    await sendReply(reply, response, { method: raw.method, path, requestId });
  });
  return {
    ...service,
    createBucket: (name, settings) => {
      buckets.create(name, settings);
    },
  };
}
