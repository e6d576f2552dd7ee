import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize } from '../access.ts';
import { denialMessage } from '../access.ts';
import type { AccessKeys } from '../access-keys.ts';
import type { ApiDefinition } from '../api/read-api.ts';
import { type RunningService, readSmallBody, startLoopbackServer } from '../loopback-server.ts';
import { parseJson } from '../parse-json.ts';
import { rawRequestOf } from '../sigv4/raw-request.ts';
import { type AwsError, awsErrorOf } from '../sigv4/signature-failure.ts';
import { createSigV4Verifier } from '../sigv4/verify.ts';
import { TestInvokeInput, type TestInvokeOptions, testInvoke } from './test-invoke.ts';

export interface ManagementApiOptions extends TestInvokeOptions {
  /** 0 for any free port. */
  readonly port: number;
  readonly region: string;
  readonly accessKeys: AccessKeys;
  readonly authorize: Authorize;
}

type Caller = Parameters<typeof testInvoke>[0]['caller'];

type Result =
  | { readonly ok: true; readonly output: object }
  | { readonly ok: false; readonly status: number; readonly error: AwsError };

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** `/restapis`, `/restapis/ID/resources`, `/restapis/ID/resources/ID/methods/METHOD` */
const PATH = /^\/restapis(?:\/([^/]+)\/resources(?:\/([^/]+)\/methods\/([^/]+))?)?$/;

/**
 * Starts API Gateway's management API on 127.0.0.1, with the operations that test-invoke needs: GetRestApis,
 * GetResources, and TestInvokeMethod. The AWS CLI can use it.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_Operations_Amazon_API_Gateway.html
 */
export async function startManagementApi(options: ManagementApiOptions): Promise<RunningService> {
  const { port, region, clock, accessKeys } = options;
  const verify = createSigV4Verifier({
    service: 'apigateway',
    region,
    clock,
    credentials: accessKeys.lookup,
  });
  return startLoopbackServer({ port }, async (request, response) => {
    const body = await readSmallBody(request, response, MAX_BODY_BYTES);
    if (body === undefined) return write(response, bad('The request is too large'));
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    const verification = await verify(rawRequestOf(request), bodySha256);
    if (!verification.ok) return write(response, refused(awsErrorOf(verification.failure)));
    const { accessKeyId, ageMs } = verification.signature;
    const principal = accessKeys.principalOf(accessKeyId);
    if (principal === undefined) return write(response, refused(UNKNOWN_CALLER));
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const decision = await options.authorize({
      accessKeyId,
      action: `apigateway:${request.method}`,
      // According to the Service Authorization Reference, the ARN for a POST ends with `/resources`, without a resource
      // ID.
      resource: `arn:aws:apigateway:${region}::${path.replace(/(?<=\/resources)\/.*/, '')}`,
      signatureAgeMs: ageMs,
      conditions: { 'aws:SecureTransport': 'true' },
    });
    if (!decision.allowed) {
      const message = denialMessage(decision);
      return write(response, refused({ code: 'AccessDeniedException', message }));
    }
    write(response, await dispatch(request, path, body, { accessKeyId, principal }, options));
  });
}

const UNKNOWN_CALLER = { code: 'UnrecognizedClientException', message: 'The security token is invalid' };

async function dispatch(
  { method }: IncomingMessage,
  path: string,
  body: Buffer,
  caller: Caller,
  options: ManagementApiOptions,
): Promise<Result> {
  const { api } = options;
  const [matched, ...parts] = PATH.exec(path) ?? [];
  const [apiId, resourceId, httpMethod] = parts.map((part) => part && decodeURIComponent(part));
  if (matched === undefined || method !== (httpMethod === undefined ? 'GET' : 'POST')) {
    return notFound('Local mode supports only GetRestApis, GetResources and TestInvokeMethod');
  }
  if (apiId === undefined) return { ok: true, output: { item: [describe(api)] } };
  if (apiId !== api.apiId) return notFound(`Invalid API identifier specified ${api.accountId}:${apiId}`);
  if (resourceId === undefined) return { ok: true, output: { item: resourcesOf(api) } };

  const routes = api.routes.filter((route) => route.resourceId === resourceId);
  const route =
    routes.find((each) => each.method === httpMethod) ?? routes.find((each) => each.method === 'ANY');
  if (httpMethod === undefined || route === undefined) {
    return notFound(`Invalid ${routes.length === 0 ? 'Resource' : 'Method'} identifier specified`);
  }
  const input = TestInvokeInput.safeParse(body.length === 0 ? {} : parseJson(body.toString('utf8')));
  if (!input.success) return bad('Invalid request input');
  const call = { route, method: httpMethod, input: input.data, caller };
  return { ok: true, output: await testInvoke(call, options) };
}

function describe({ apiId, name, binaryMediaTypes }: ApiDefinition) {
  return { id: apiId, name, ...(binaryMediaTypes.length > 0 && { binaryMediaTypes }) };
}

/** Returns the resources that have methods, in the format of GetResources. */
function resourcesOf({ routes }: ApiDefinition) {
  const byPath = new Map<string, { id: string; methods: string[] }>();
  for (const { resourcePath, resourceId, method } of routes) {
    const known = byPath.get(resourcePath) ?? { id: resourceId, methods: [] };
    byPath.set(resourcePath, { ...known, methods: [...known.methods, method] });
  }
  return [...byPath].map(([path, { id, methods }]) => {
    const slash = path.lastIndexOf('/');
    const parent = byPath.get(path.slice(0, slash) || '/');
    return {
      id,
      path,
      ...(path !== '/' && { pathPart: path.slice(slash + 1), ...(parent && { parentId: parent.id }) }),
      resourceMethods: Object.fromEntries(methods.map((method) => [method, {}])),
    };
  });
}

const refused = (error: AwsError): Result => ({ ok: false, status: 403, error });
const notFound = (message: string): Result => ({
  ok: false,
  status: 404,
  error: { code: 'NotFoundException', message },
});
const bad = (message: string): Result => ({
  ok: false,
  status: 400,
  error: { code: 'BadRequestException', message },
});

/** Writes a response in the REST JSON protocol, which puts an error's name into a header. */
function write(response: ServerResponse, result: Result): void {
  const headers = { 'content-type': 'application/json' };
  if (result.ok) {
    response.writeHead(200, headers).end(JSON.stringify(result.output));
    return;
  }
  const { status, error } = result;
  response
    .writeHead(status, { ...headers, 'x-amzn-errortype': error.code })
    .end(JSON.stringify({ message: error.message }));
}
