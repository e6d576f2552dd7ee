import type { RawRequest } from './raw-request.ts';
import type { RequestTarget } from './request-target.ts';
import type { SignatureCarrier, SignatureFailure } from './signature-failure.ts';

/** The unverified signature of a request, with its parameters. */
export interface SignatureClaim {
  readonly carrier: SignatureCarrier;
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  /** The signed date, in the format `YYYYMMDDTHHMMSSZ`. */
  readonly longDate: string;
  readonly signedAt: Date;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken?: string;
  /** Present only in presigned URLs. */
  readonly lifetimeSeconds?: number;
}

/** The credential scope: the day, region, and service that a signing key is valid for. */
interface CredentialScope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

type ClaimResult =
  | { readonly ok: true; readonly claim: SignatureClaim }
  | { readonly ok: false; readonly failure: SignatureFailure };

const ALGORITHM = 'AWS4-HMAC-SHA256';
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([^,\s]+)$/;
const CREDENTIAL = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/;
const LONG_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** Maximum lifetime of a presigned URL: seven days. */
const MAX_LIFETIME_SECONDS = 604_800;

/**
 * Reads the signature of a request from its `Authorization` header or its query.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function readSignatureClaim(request: RawRequest, target: RequestTarget): ClaimResult {
  const authorization = request.headers.get('authorization');
  // Ignores case, because the signer omits these parameters from the signature regardless of case.
  const inQuery = [...target.query.keys()].filter((name) => /^x-amz-(signature|algorithm)$/i.test(name));
  // Some command-line tools still presign with signature version 2 by default.
  if (authorization?.startsWith('AWS ') || target.query.has('AWSAccessKeyId')) {
    return refused({ reason: 'outdated-version' });
  }
  if (authorization === undefined) {
    return inQuery.length === 0 ? refused({ reason: 'missing' }) : readQuery(target);
  }
  if (inQuery.length > 0) return malformed('header', 'Only one auth mechanism allowed.');
  return readHeader(request, authorization);
}

function readHeader(request: RawRequest, authorization: string): ClaimResult {
  const match = AUTHORIZATION.exec(authorization);
  if (match === null) return malformed('header', 'The authorization header is malformed.');
  const [, credential = '', signedHeaders = '', signature = ''] = match;
  return readCommon('header', {
    credential,
    signedHeaders,
    signature,
    longDate: request.headers.get('x-amz-date') ?? '',
    sessionToken: request.headers.get('x-amz-security-token'),
  });
}

function readQuery({ query }: RequestTarget): ClaimResult {
  for (const [name, values] of query) {
    if (/^x-amz-signature$/i.test(name) && name !== 'X-Amz-Signature') {
      return malformed('query', 'X-Amz-Signature is misspelled.');
    }
    if (name.startsWith('X-Amz-') && values.length > 1) return malformed('query', `${name} is repeated.`);
  }
  const parameter = (name: string): string => query.get(`X-Amz-${name}`)?.[0] ?? '';
  if (parameter('Algorithm') !== ALGORITHM)
    return malformed('query', `X-Amz-Algorithm only supports ${ALGORITHM}.`);
  if (!/^\d{1,9}$/.test(parameter('Expires'))) {
    return malformed('query', 'X-Amz-Expires must be a non-negative number of seconds.');
  }
  const lifetimeSeconds = Number(parameter('Expires'));
  if (lifetimeSeconds > MAX_LIFETIME_SECONDS) {
    return malformed('query', 'X-Amz-Expires must be less than a week (in seconds); that is, 604800.');
  }
  return readCommon('query', {
    credential: parameter('Credential'),
    signedHeaders: parameter('SignedHeaders'),
    signature: parameter('Signature'),
    longDate: parameter('Date'),
    sessionToken: query.get('X-Amz-Security-Token')?.[0],
    lifetimeSeconds,
  });
}

/**
 * Reads the signature of a form. The signature covers the form's policy.
 *
 * @param fields values by lowercase name
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
 */
export function readFormClaim(fields: ReadonlyMap<string, string>): ClaimResult {
  if (fields.get('x-amz-algorithm') !== ALGORITHM) {
    return malformed('form', `x-amz-algorithm only supports ${ALGORITHM}.`);
  }
  return readCommon('form', {
    credential: fields.get('x-amz-credential') ?? '',
    signature: fields.get('x-amz-signature') ?? '',
    longDate: fields.get('x-amz-date') ?? '',
    sessionToken: fields.get('x-amz-security-token'),
  });
}

interface ClaimTexts {
  readonly credential: string;
  /** Undefined for forms. */
  readonly signedHeaders?: string;
  readonly signature: string;
  readonly longDate: string;
  readonly sessionToken: string | undefined;
  readonly lifetimeSeconds?: number;
}

function readCommon(carrier: SignatureCarrier, texts: ClaimTexts): ClaimResult {
  const { credential, signedHeaders, signature, longDate, sessionToken, ...rest } = texts;
  const [, accessKeyId, date, region, service] = CREDENTIAL.exec(credential) ?? [];
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined) {
    return malformed(carrier, 'The Credential is malformed.');
  }
  const signedAt = new Date(longDate.replace(LONG_DATE, '$1-$2-$3T$4:$5:$6Z'));
  if (!LONG_DATE.test(longDate) || Number.isNaN(signedAt.getTime())) {
    return malformed(carrier, 'The request date must be in the ISO8601 format "yyyyMMddTHHmmssZ".');
  }
  if (date !== longDate.slice(0, 8))
    return malformed(carrier, 'Invalid credential date; it is not the request date.');
  if (signature === '' || signedHeaders === '') return malformed(carrier, 'The signature is incomplete.');
  const claim: SignatureClaim = {
    carrier,
    accessKeyId,
    scope: { date, region, service },
    longDate,
    signedAt,
    signedHeaders: signedHeaders?.split(';') ?? [],
    signature,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...rest,
  };
  return { ok: true, claim };
}

const refused = (failure: SignatureFailure): ClaimResult => ({ ok: false, failure });

const malformed = (carrier: SignatureCarrier, detail: string): ClaimResult =>
  refused({ reason: 'malformed', carrier, detail });
