import { randomBytes } from 'node:crypto';
import { type Authorize, allowAll } from '../access.ts';
import { type RunningService, startLoopbackServer } from '../loopback-server.ts';
import { rawRequestOf } from '../sigv4/raw-request.ts';
import { type CredentialLookup, createPolicyVerifier, createSigV4Verifier } from '../sigv4/verify.ts';
import type { BucketSettings } from './bucket.ts';
import { openBucketStore } from './bucket-store.ts';
import { answerPreflight, corsHeaders } from './cors.ts';
import { dispatch } from './dispatch.ts';
import { failure, failureOfSignature } from './failures.ts';
import type { ObjectVersion } from './object-record.ts';
import type { CreatedObject } from './operations/call.ts';
import { createPermissionCheck } from './permissions.ts';
import { isForm } from './post/form.ts';
import { postObject } from './post/post-object.ts';
import { type Reply, sendReply } from './reply.ts';
import { readS3Address } from './request.ts';

export interface S3Options {
  /** 0 for any free port. */
  readonly port: number;
  /** The folder for buckets and objects. It is created if it does not exist. */
  readonly dataDir: string;
  readonly clock: () => Date;
  readonly credentials: CredentialLookup;
  /** Authorizes calls. @default - all calls are allowed */
  readonly authorize?: Authorize;
  /**
   * The region of the buckets. Signatures for other regions are rejected. @default - `us-east-1`, and signatures for
   * any region are accepted
   */
  readonly region?: string;
  /** Called for each new object, before the response is sent. Must not throw. */
  readonly onObjectCreated?: (created: CreatedObject) => void;
}

export interface RunningS3 extends RunningService {
  /**
   * Creates a bucket, or changes the settings of an existing one.
   *
   * @throws if S3 does not allow the name
   */
  createBucket(name: string, settings: BucketSettings): void;
  /** Finds a version of an object for another service. The latest version is the default. */
  findObject(
    bucketName: string,
    key: string,
    versionId?: string,
  ): Pick<ObjectVersion, 'versionId' | 'etag'> | undefined;
}

/**
 * Starts a local S3. Like AWS, it rejects tampered, expired, and missing signatures, wrong lengths, and wrong
 * checksums. Callers without permission to list a bucket cannot find out which keys exist.
 *
 * A bucket's address is `URL/BUCKET` or `BUCKET.localhost`. Unsupported features fail with `NotImplemented` and are
 * never ignored.
 */
export async function startS3(options: S3Options): Promise<RunningS3> {
  const {
    dataDir,
    clock,
    credentials,
    authorize = allowAll,
    onObjectCreated: emit = () => undefined,
  } = options;
  const buckets = openBucketStore(dataDir, clock);
  const region = options.region ?? 'us-east-1';
  const signatures = {
    service: 's3',
    clock,
    credentials,
    ...(options.region === undefined ? {} : { region: options.region }),
  } as const;
  const verify = createSigV4Verifier(signatures);
  const verifyPolicy = createPolicyVerifier(signatures);

  const service = await startLoopbackServer(options, async (message, response) => {
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    response.setHeader('date', clock().toUTCString());
    response.setHeader('server', 'AmazonS3');
    response.setHeader('x-amz-request-id', requestId);

    const raw = rawRequestOf(message);
    const address = readS3Address(raw);
    const bucket = buckets.find(address.bucketName);
    response.setHeaders(new Map(Object.entries(corsHeaders(bucket?.settings.cors ?? [], raw))));
    const respond = async (): Promise<Reply> => {
      if (raw.method === 'OPTIONS') return answerPreflight(raw, bucket);
      if (isForm(raw, address)) {
        if (bucket === undefined) {
          return failure('NoSuchBucket', { details: { BucketName: address.bucketName } });
        }
        const services = { buckets, clock, region, emit, authorize, verify: verifyPolicy };
        return postObject({ ...services, message, response, bucket });
      }
      const verification = await verify(raw);
      if (!verification.ok) return failureOfSignature(verification.failure);
      const { method, headers } = raw;
      const request = { ...address, method, headers, signature: verification.signature, message, response };
      const checkPermission = createPermissionCheck(request, authorize);
      return dispatch({ request, buckets, checkPermission, clock, region, emit });
    };
    const reply = await respond();
    // The query is removed, because it contains the signature of a presigned URL.
    const path = raw.target.split('?', 1)[0] ?? '';
    await sendReply(reply, response, { method: raw.method, path, requestId });
  });
  return {
    ...service,
    createBucket: (name, settings) => {
      buckets.create(name, settings);
    },
    findObject: (bucketName, key, versionId) => {
      const version = buckets.find(bucketName)?.find(key, versionId);
      return version?.kind === 'object' ? version : undefined;
    },
  };
}
