import type { Principal } from '../access-keys.ts';
import { clfTime, decodeQuery, grouped } from '../api/proxy-event.ts';
import type { ApiDefinition, ApiRoute } from '../api/read-api.ts';
import { matchRoute } from '../api/router.ts';

/** One simulated request: TestInvokeMethod's input, and who asked for it. */
export interface TestInvocation {
  readonly route: ApiRoute;
  /** As `POST`, also where the route takes any method. */
  readonly method: string;
  /** As it was given; empty for the path of the resource. */
  readonly pathWithQueryString: string;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>> | undefined;
  readonly body: string | undefined;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly receivedAt: Date;
  readonly accessKeyId: string;
  readonly principal: Principal;
}

/**
 * Makes the event that a function gets from TestInvokeMethod. It differs from that of a real request where AWS's
 * differs: headers are null unless some are given, the stage and the source address are none, and the caller is known
 * whether the method asks for a signature or not. Fixed by the golden files `test-invoke-*.json`.
 */
export function testInvokeEvent(invocation: TestInvocation, api: ApiDefinition) {
  const { route, method, pathWithQueryString, requestId, extendedRequestId, receivedAt } = invocation;
  const mark = pathWithQueryString.indexOf('?');
  const path = (mark === -1 ? pathWithQueryString : pathWithQueryString.slice(0, mark)) || route.resourcePath;
  const query = mark === -1 ? [] : decodeQuery(pathWithQueryString.slice(mark + 1));
  const pathParameters = matchRoute([route], method, path)?.pathParameters ?? {};
  return {
    resource: route.resourcePath,
    path,
    httpMethod: method,
    ...headersOf(invocation),
    queryStringParameters: query.length === 0 ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query.length === 0 ? null : grouped(query),
    pathParameters: Object.keys(pathParameters).length === 0 ? null : pathParameters,
    stageVariables: null,
    requestContext: {
      resourceId: route.resourceId,
      resourcePath: route.resourcePath,
      httpMethod: method,
      extendedRequestId,
      requestTime: clfTime(receivedAt),
      path,
      accountId: api.accountId,
      protocol: 'HTTP/1.1',
      stage: 'test-invoke-stage',
      domainPrefix: 'testPrefix',
      requestTimeEpoch: receivedAt.getTime(),
      requestId,
      identity: identityOf(invocation, api.accountId),
      domainName: 'testPrefix.testDomainName',
      apiId: api.apiId,
    },
    body: invocation.body ?? null,
    isBase64Encoded: false,
  };
}

/** Both maps hold what either names; of several values, the single one is the last. */
function headersOf({ headers, multiValueHeaders }: TestInvocation) {
  if (headers === undefined && multiValueHeaders === undefined) {
    return { headers: null, multiValueHeaders: null };
  }
  const single = Object.entries(headers ?? {}).map(([name, value]) => [name, [value]] as const);
  const all = [...single, ...Object.entries(multiValueHeaders ?? {})];
  return {
    headers: Object.fromEntries(all.map(([name, values]) => [name, values.at(-1) ?? ''])),
    multiValueHeaders: Object.fromEntries(all),
  };
}

function identityOf({ principal, accessKeyId }: TestInvocation, accountId: string) {
  return {
    cognitoIdentityPoolId: null,
    accountId,
    cognitoIdentityId: null,
    caller: principal.userId,
    sourceIp: 'test-invoke-source-ip',
    principalOrgId: null,
    accessKey: accessKeyId,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: principal.arn,
    userAgent: 'aws-internal/3',
    user: principal.userId,
    apiKey: 'test-invoke-api-key',
    apiKeyId: 'test-invoke-api-key-id',
  };
}
