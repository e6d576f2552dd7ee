import { type GatewayResponseOptions, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

/*
 * API Gateway's own error responses, with the same shape (RFC 9457) and headers as every other problem. They never repeat
 * input: no template uses a `$context` variable.
 */

interface GatewayProblem {
  readonly type: ResponseType;
  /**
   * The HTTP status, which the document repeats. The default responses set none, because they keep the status that the
   * failure already has.
   */
  readonly status?: number;
  readonly title: string;
  readonly code: string;
  readonly retryAfterSeconds?: number;
}

const UNSIGNED = { status: 403, title: 'The signature of this request is not accepted' };

const problems: readonly GatewayProblem[] = [
  // API Gateway cannot distinguish an unknown route from a signed one that was called without a signature.
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 403,
    title: 'Nothing is here, or the request must be signed',
    code: 'access_denied',
  },
  { type: ResponseType.RESOURCE_NOT_FOUND, status: 404, title: 'Nothing is here', code: 'not_found' },
  {
    type: ResponseType.ACCESS_DENIED,
    status: 403,
    title: 'This caller may not do that',
    code: 'access_denied',
  },
  // Sent only if a web ACL blocks the request with a rule that has no custom response.
  { type: ResponseType.WAF_FILTERED, status: 403, title: 'This request was blocked', code: 'access_denied' },
  { type: ResponseType.INVALID_SIGNATURE, ...UNSIGNED, code: 'invalid_signature' },
  { type: ResponseType.EXPIRED_TOKEN, ...UNSIGNED, code: 'expired_credentials' },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    title: 'The request is too large',
    code: 'payload_too_large',
  },
  {
    type: ResponseType.UNSUPPORTED_MEDIA_TYPE,
    status: 415,
    title: 'Send JSON or a form',
    code: 'unsupported_media_type',
  },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    title: 'Too many requests',
    code: 'quota_exceeded',
    retryAfterSeconds: 1,
  },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 503,
    title: 'Not available right now',
    code: 'unavailable',
    retryAfterSeconds: 5,
  },
  { type: ResponseType.DEFAULT_4XX, title: 'The request is not valid', code: 'invalid_request' },
  { type: ResponseType.DEFAULT_5XX, title: 'Something went wrong on our side', code: 'internal_error' },
];

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Type': 'application/problem+json',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex, nofollow',
} as const;

/** Replaces API Gateway's own error responses. */
export function addGatewayProblems(api: RestApi): void {
  for (const problem of problems) {
    api.addGatewayResponse(`Problem${problem.type.responseType}`, responseOf(problem));
  }
}

function responseOf({
  type,
  status,
  title,
  code,
  retryAfterSeconds,
}: GatewayProblem): GatewayResponseOptions {
  const document = { type: `urn:problem-type:tvm:${code}`, title, ...(status && { status }), code };
  const headers = { ...HEADERS, ...(retryAfterSeconds && { 'Retry-After': String(retryAfterSeconds) }) };
  return {
    type,
    ...(status && { statusCode: String(status) }),
    // A value in single quotes is a literal (API Gateway Developer Guide, "Gateway responses").
    responseHeaders: Object.fromEntries(
      Object.entries(headers).map(([header, value]) => [header, `'${value}'`]),
    ),
    // API Gateway uses the only template, whatever the caller accepts. `Content-Type` above states the actual type.
    templates: { 'application/json': JSON.stringify(document) },
  };
}
