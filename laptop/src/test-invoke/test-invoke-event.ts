import type { Principal } from '../access-keys.ts';
import { clfTime, parametersOf } from '../api/proxy-event.ts';
import type { ApiDefinition, ApiRoute } from '../api/read-api.ts';
import { matchRoute } from '../api/router.ts';

/** A simulated request: the input of TestInvokeMethod and its caller. */
export interface TestInvocation {
  readonly route: ApiRoute;
  /** The method, such as `POST`, even if the route accepts any. */
  readonly method: string;
  /** The path and query from the caller. If the path is empty, the resource's path is used. */
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
 * Creates the event for TestInvokeMethod. As on AWS, it differs from the event for a real request: headers are null
 * unless some are given, there is no stage or source address, and the caller is known even if the method does not
 * require a signature. See the golden files `test-invoke-*.json`.
 */
export function testInvokeEvent(invocation: TestInvocation, api: ApiDefinition) {
  const { route, method, pathWithQueryString, requestId, extendedRequestId, receivedAt } = invocation;
  const mark = pathWithQueryString.indexOf('?');
  const path = (mark === -1 ? pathWithQueryString : pathWithQueryString.slice(0, mark)) || route.resourcePath;
  const query = mark === -1 ? '' : pathWithQueryString.slice(mark + 1);
  const pathParameters = matchRoute([route], method, path)?.pathParameters ?? {};
  return {
    resource: route.resourcePath,
    path,
    httpMethod: method,
    ...headersOf(invocation),
    ...parametersOf(query, pathParameters),
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

/** Fills both header maps from both inputs. If a header has several values, `headers` contains the last one. */
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
