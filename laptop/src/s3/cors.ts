import { z } from 'zod';
import { failure } from './failures.ts';
import { empty, type Reply } from './reply.ts';

export const CorsRule = z.object({
  allowedOrigins: z.array(z.string()),
  allowedMethods: z.array(z.string()),
  allowedHeaders: z.array(z.string()),
  exposedHeaders: z.array(z.string()),
  maxAgeSeconds: z.number().exactOptional(),
});
type CorsRule = z.infer<typeof CorsRule>;

/** The parts of a cross-origin request that are compared with CORS rules. */
interface CrossOriginRequest {
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Returns the headers that allow a site to read the response to its request, or no headers if no rule allows that. */
export function corsHeaders(rules: readonly CorsRule[], request: CrossOriginRequest): Record<string, string> {
  const origin = request.headers.get('origin');
  if (origin === undefined || request.method === 'OPTIONS') return {};
  const rule = rules.find((one) => allows(one, origin, request.method));
  return rule === undefined ? {} : allowance(rule, origin);
}

/**
 * Answers a preflight request. The first rule that allows the site, the method, and all headers applies. The
 * permissions for the actual request are not checked.
 *
 * @param bucket undefined if the bucket does not exist
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
 */
export function answerPreflight(
  { headers }: CrossOriginRequest,
  bucket: { readonly settings: { readonly cors?: readonly CorsRule[] } } | undefined,
): Reply {
  const origin = headers.get('origin');
  if (origin === undefined) {
    return failure('BadRequest', { message: 'Insufficient information. Origin request header needed.' });
  }
  const method = headers.get('access-control-request-method') ?? 'OPTIONS';
  const forbidden = (message: string, ResourceType = 'BUCKET'): Reply =>
    failure('AccessForbidden', {
      message: `CORSResponse: ${message}`,
      details: { Method: method, ResourceType },
    });
  if (bucket === undefined) return forbidden('Bucket not found');
  const { cors = [] } = bucket.settings;
  if (cors.length === 0) return forbidden('CORS is not enabled for this bucket.');

  const requestedHeaders = (headers.get('access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const rule = cors.find(
    (one) =>
      allows(one, origin, method) &&
      requestedHeaders.every((name) =>
        one.allowedHeaders.some((allowed) => fits(allowed.toLowerCase(), name)),
      ),
  );
  if (rule === undefined) {
    // S3's exact wording, including the spelling mistake.
    const message =
      "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";
    return forbidden(message, 'OBJECT');
  }
  const allowedHeaders =
    requestedHeaders.length === 0 ? {} : { 'access-control-allow-headers': requestedHeaders.join(', ') };
  return empty(200, { ...allowance(rule, origin), ...allowedHeaders });
}

function allowance(rule: CorsRule, origin: string): Record<string, string> {
  const { allowedOrigins, allowedMethods, exposedHeaders, maxAgeSeconds } = rule;
  const anyone = allowedOrigins.includes('*');
  return {
    'access-control-allow-origin': anyone ? '*' : origin,
    ...(anyone ? {} : { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': allowedMethods.join(', '),
    ...(exposedHeaders.length === 0 ? {} : { 'access-control-expose-headers': exposedHeaders.join(', ') }),
    ...(maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

const allows = ({ allowedOrigins, allowedMethods }: CorsRule, origin: string, method: string): boolean =>
  allowedOrigins.some((allowed) => fits(allowed, origin)) && allowedMethods.includes(method);

/** Returns whether a string matches a pattern with at most one `*`. */
function fits(pattern: string, text: string): boolean {
  const [start = '', end] = pattern.split('*', 2);
  if (end === undefined) return text === pattern;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}
