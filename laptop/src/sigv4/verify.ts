import { timingSafeEqual } from 'node:crypto';
import { CanonicalSigner, type PathEncoding } from './canonical-signer.ts';
import type { RawRequest } from './raw-request.ts';
import { parseRequestTarget, type RequestTarget } from './request-target.ts';
import { readFormClaim, readSignatureClaim, type SignatureClaim } from './signature-claim.ts';
import type { SignatureFailure } from './signature-failure.ts';

/** The secret of an access key, and its session token if it is temporary. */
interface AccessKeySecret {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Returns the secret of an access key by its ID, or undefined for an unknown key. */
export type CredentialLookup = (accessKeyId: string) => AccessKeySecret | undefined;

/** The signatures that a verifier accepts. */
export interface SigV4Options {
  readonly service:
    | 's3'
    | 'apigateway'
    | 'execute-api'
    | 'kms'
    | 'dynamodb'
    | 'sqs'
    | 'ses'
    | 'guardduty'
    | 'events';
  /** The only region that is accepted in a credential scope. @default - any region */
  readonly region?: string;
  readonly credentials: CredentialLookup;
  readonly clock: () => Date;
}

export interface VerifiedSignature {
  readonly accessKeyId: string;
  /** The value of the condition key `s3:authType`. */
  readonly authType: 'REST-HEADER' | 'REST-QUERY-STRING' | 'POST';
  /** Milliseconds since the request was signed (`s3:signatureAge`). Never negative. */
  readonly ageMs: number;
  /**
   * The signed value for the body: its SHA-256 in hex, `UNSIGNED-PAYLOAD`, or a `STREAMING-…` marker. If the verifier
   * did not get the body's hash, the code that reads the body must compare the hash with this value.
   */
  readonly payloadHash: string;
}

const AUTH_TYPES = { header: 'REST-HEADER', query: 'REST-QUERY-STRING', form: 'POST' } as const;

type Verification =
  | { readonly ok: true; readonly signature: VerifiedSignature }
  | { readonly ok: false; readonly failure: SignatureFailure };

/** Verifies a request. Pass `bodySha256` in hex unless the body is checked while it is streamed. */
export type SigV4Verifier = (request: RawRequest, bodySha256?: string) => Promise<Verification>;

const MAX_SKEW_MS = 15 * 60 * 1000;
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

/**
 * Creates a verifier for AWS Signature Version 4 in signed headers and presigned URLs. It computes the signature of the
 * undecoded request with the SDK's signer, and compares signatures in constant time.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function createSigV4Verifier(options: SigV4Options): SigV4Verifier {
  const pathEncoding = options.service === 's3' ? 'once' : 'twice';
  return async (request, bodySha256) => {
    const target = parseRequestTarget(request.target);
    if (target === undefined) return refused({ reason: 'invalid-target' });
    // The signer normalizes empty and dotted segments, so two different paths would have the same signature.
    if (pathEncoding === 'twice' && /\/(\.{0,2})(?=\/)|\/\.{1,2}$/.test(target.path)) {
      return refused({ reason: 'invalid-target' });
    }
    const read = readSignatureClaim(request, target);
    if (!read.ok) return read;
    const { claim } = read;

    const payloadHash = bodySha256 ?? claimedPayloadHash(request, target, claim);
    const signer = signerOf(claim, options, pathEncoding);
    if ('reason' in signer) return refused(signer);
    const failure = unsignedHeadersFailure(request, claim) ?? timeFailure(claim, options.clock());
    if (failure !== undefined) return refused(failure);
    if (payloadHash === undefined) return refused({ reason: 'payload-hash-missing' });
    const expected = await signer.signatureOf(request, target, payloadHash);
    return judge(claim, { expected, payloadHash, now: options.clock() });
  };
}

/** Verifies the signature of a form's policy. `fields` contains the values by lowercase name. */
export type PolicyVerifier = (fields: ReadonlyMap<string, string>) => Promise<Verification>;

/** Creates a verifier for form signatures. It does not check the expiration, which is part of the policy. */
export function createPolicyVerifier(options: SigV4Options): PolicyVerifier {
  return async (fields) => {
    const read = readFormClaim(fields);
    if (!read.ok) return read;
    const { claim } = read;
    const signer = signerOf(claim, options, 'once');
    if ('reason' in signer) return refused(signer);
    const expected = await signer.signText(fields.get('policy') ?? '');
    return judge(claim, { expected, payloadHash: UNSIGNED_PAYLOAD, now: options.clock() });
  };
}

/** Creates the signer that computes the expected signature. Fails if the access key or scope is wrong. */
function signerOf(
  claim: SignatureClaim,
  options: SigV4Options,
  pathEncoding: PathEncoding,
): CanonicalSigner | SignatureFailure {
  const secret = options.credentials(claim.accessKeyId);
  const failure = scopeFailure(claim, options) ?? credentialFailure(claim, secret);
  if (failure !== undefined) return failure;
  if (secret === undefined) return { reason: 'unknown-access-key' };
  return new CanonicalSigner(claim, secret.secretAccessKey, pathEncoding);
}

interface Expectation extends Pick<VerifiedSignature, 'payloadHash'> {
  /** The correct signature. Undefined if a signed header is missing. */
  readonly expected: string | undefined;
  readonly now: Date;
}

function judge(claim: SignatureClaim, { expected, payloadHash, now }: Expectation): Verification {
  if (expected === undefined || !equalTexts(expected, claim.signature))
    return refused({ reason: 'mismatch' });
  return {
    ok: true,
    signature: {
      accessKeyId: claim.accessKeyId,
      authType: AUTH_TYPES[claim.carrier],
      ageMs: Math.max(0, now.getTime() - claim.signedAt.getTime()),
      payloadHash,
    },
  };
}

function scopeFailure(
  claim: SignatureClaim,
  { service, region }: SigV4Options,
): SignatureFailure | undefined {
  const wrong = (detail: string): SignatureFailure => ({
    reason: 'wrong-scope',
    carrier: claim.carrier,
    detail,
  });
  if (claim.scope.service !== service)
    return wrong(`Credential should be scoped to correct service: '${service}'.`);
  if (region !== undefined && claim.scope.region !== region) {
    return wrong(`Credential should be scoped to a valid region; expecting '${region}'.`);
  }
  return undefined;
}

function credentialFailure(
  claim: SignatureClaim,
  secret: AccessKeySecret | undefined,
): SignatureFailure | undefined {
  if (secret === undefined) return { reason: 'unknown-access-key' };
  const genuine = equalTexts(secret.sessionToken ?? '', claim.sessionToken ?? '');
  return genuine ? undefined : { reason: 'invalid-session-token' };
}

/** Checks that `host` and all `x-amz-*` headers are signed. Otherwise, the holder of a URL could add headers. */
function unsignedHeadersFailure(request: RawRequest, claim: SignatureClaim): SignatureFailure | undefined {
  const required = ['host', ...[...request.headers.keys()].filter((name) => name.startsWith('x-amz-'))];
  const headers = required.filter((name) => !claim.signedHeaders.includes(name));
  return headers.length === 0 ? undefined : { reason: 'headers-not-signed', headers };
}

function timeFailure(claim: SignatureClaim, now: Date): SignatureFailure | undefined {
  const ageMs = now.getTime() - claim.signedAt.getTime();
  if (claim.lifetimeSeconds === undefined) {
    return Math.abs(ageMs) > MAX_SKEW_MS ? { reason: 'skewed', signedAt: claim.signedAt, now } : undefined;
  }
  if (ageMs < -MAX_SKEW_MS) return { reason: 'not-yet-valid' };
  const expiredAt = new Date(claim.signedAt.getTime() + claim.lifetimeSeconds * 1000);
  return now >= expiredAt ? { reason: 'expired', expiredAt, now } : undefined;
}

/**
 * Returns the signed payload hash. For presigned URLs, the default is `UNSIGNED-PAYLOAD`, because the body is not known
 * when a URL is signed.
 */
function claimedPayloadHash(
  request: RawRequest,
  target: RequestTarget,
  claim: SignatureClaim,
): string | undefined {
  const header = request.headers.get('x-amz-content-sha256');
  if (header !== undefined || claim.carrier === 'header') return header;
  return target.query.get('X-Amz-Content-Sha256')?.[0] ?? UNSIGNED_PAYLOAD;
}

function equalTexts(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

const refused = (failure: SignatureFailure): Verification => ({ ok: false, failure });
