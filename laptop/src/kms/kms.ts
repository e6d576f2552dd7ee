import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Authorize, allowAll } from '../access.ts';
import { type RunningService, readSmallBody, startLoopbackServer } from '../loopback-server.ts';
import { rawRequestOf } from '../sigv4/raw-request.ts';
import { type AwsError, awsErrorOf } from '../sigv4/signature-failure.ts';
import { type CredentialLookup, createSigV4Verifier } from '../sigv4/verify.ts';
import { generateMac, type KeyHome, keyArn } from './generate-mac.ts';
import { openKeyRing } from './key-ring.ts';

export interface KmsOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** The folder for key material. It is created if it does not exist. */
  readonly dataDir: string;
  readonly clock: () => Date;
  readonly credentials: CredentialLookup;
  /** Authorizes calls. @default - all calls are allowed */
  readonly authorize?: Authorize;
  /**
   * The region of the keys. Signatures for other regions are rejected. @default - `us-east-1`, and signatures for any
   * region are accepted
   */
  readonly region?: string;
  /** @default - twelve zeros */
  readonly accountId?: string;
}

export interface RunningKms extends RunningService {
  /** Creates an HMAC_256 key unless one with this ID exists. Returns its ARN. */
  createHmacKey(keyId: string): string;
}

/** Maximum size of a request in bytes. Large enough for the longest message in base64 and the JSON around it. */
const MAX_BODY_BYTES = 16_384;

/** Starts a local KMS on 127.0.0.1 that supports only `GenerateMac`. */
export async function startKms(options: KmsOptions): Promise<RunningKms> {
  const { port, dataDir, clock, credentials, authorize = allowAll } = options;
  const keys = openKeyRing(dataDir);
  const home: KeyHome = {
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
  };
  const verify = createSigV4Verifier({
    service: 'kms',
    clock,
    credentials,
    ...(options.region === undefined ? {} : { region: options.region }),
  });

  const service = await startLoopbackServer({ port }, async (request, response) => {
    response.setHeader('date', clock().toUTCString());
    const body = await readSmallBody(request, response, MAX_BODY_BYTES);
    if (body === undefined)
      return respondWithError(response, { code: 'ValidationException', message: 'Too large.' });
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    const verification = await verify(rawRequestOf(request), bodySha256);
    if (!verification.ok) return respondWithError(response, awsErrorOf(verification.failure));

    const target = request.headers['x-amz-target'];
    if (request.method !== 'POST' || target !== 'TrentService.GenerateMac') {
      return respondWithError(response, {
        code: 'UnsupportedOperationException',
        message: 'Only GenerateMac is supported.',
      });
    }
    const { accessKeyId, ageMs } = verification.signature;
    const mayUse = (resource: string, algorithm: string) =>
      authorize({
        accessKeyId,
        action: 'kms:GenerateMac',
        resource,
        signatureAgeMs: ageMs,
        conditions: { 'aws:SecureTransport': 'true', 'kms:MacAlgorithm': algorithm },
      });
    const outcome = await generateMac(body, { keys, home, mayUse });
    if (outcome.ok) respond(response, 200, outcome.output);
    else respondWithError(response, outcome.error);
  });
  return {
    ...service,
    createHmacKey: (keyId) => {
      keys.create(keyId);
      return keyArn(home, keyId);
    },
  };
}

/** Responds with an error in the JSON protocol: status 400 and the error's name. */
const respondWithError = (response: ServerResponse, { code, message }: AwsError): void =>
  respond(response, 400, { __type: code, message });

function respond(response: ServerResponse, status: number, output: Readonly<Record<string, string>>): void {
  response
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() })
    .end(JSON.stringify(output));
}
