import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AccessRequest, ALLOWED, type Decision } from '../src/access.ts';
import { type AccessKey, openAccessKeys, type Principal } from '../src/access-keys.ts';
import type { ApiDefinition, ApiRoute } from '../src/api/read-api.ts';
import type { Outcome } from '../src/functions/instance.ts';
import type { RunningService } from '../src/loopback-server.ts';
import { startManagementApi } from '../src/test-invoke/management-api.ts';
import { testInvokeEvent } from '../src/test-invoke/test-invoke-event.ts';
import { goldenEvent } from './support/api-event.ts';
import { denialOf } from './support/denial.ts';
import { signedCall } from './support/signed-fetch.ts';

const route = (method: string, resourcePath: string, resourceId: string): ApiRoute => ({
  method,
  resourcePath,
  resourceId,
  auth: 'iam',
  functionArn: `arn:aws:lambda:us-east-1:111122223333:function:${method}`,
  responseTransferMode: 'buffered',
  timeoutMs: 29_000,
});

const api: ApiDefinition = {
  accountId: '111122223333',
  apiId: 'a1b2c3d4e5',
  name: 'TokenVendingMachine',
  deploymentId: 'd1',
  stageName: 'v1',
  binaryMediaTypes: [],
  routes: [
    route('GET', '/', 'root'),
    route('POST', '/links', 'links'),
    route('DELETE', '/links/{tokenId}', 'link'),
  ],
  gatewayResponses: ({ type }) => ({ status: 502, headers: [], body: Buffer.from(type) }),
};

describe('the event for a test invocation', () => {
  const caller = {
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    principal: {
      kind: 'user',
      name: 'operator',
      arn: 'arn:aws:iam::111122223333:user/operator',
      userId: 'AIDACKCEVSQ6C2EXAMPLE',
    },
  } as const;
  const common = {
    ...caller,
    headers: undefined,
    multiValueHeaders: undefined,
    requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    extendedRequestId: 'UlNFbEXAMPLE0Ag=',
    receivedAt: new Date(1764270288000),
  };
  /** Removes API Gateway's user agent, which may change. */
  const withoutAgent = (event: { requestContext: { identity: object } }) => {
    const { identity, ...context } = event.requestContext;
    return { ...event, requestContext: { ...context, identity: { ...identity, userAgent: '' } } };
  };

  test('the event for a method with a body matches the event on AWS', () => {
    const invocation = {
      ...common,
      route: route('POST', '/links', 'r3s0rc'),
      method: 'POST',
      pathWithQueryString: '',
      body: '{"asset":"report.pdf"}',
    };
    expect(withoutAgent(testInvokeEvent(invocation, api))).toEqual(
      withoutAgent(goldenEvent('test-invoke-post-links')),
    );
  });

  test('the event for a method with a query matches the event on AWS', () => {
    const golden = goldenEvent('test-invoke-get-redeem');
    const invocation = {
      ...common,
      route: route('GET', '/redeem', 'r3s0rc'),
      method: 'GET',
      pathWithQueryString: `/redeem?token=${golden.queryStringParameters?.token}`,
      body: undefined,
    };
    expect(withoutAgent(testInvokeEvent(invocation, api))).toEqual(withoutAgent(golden));
  });

  test('the event has path parameters, and only the given headers', () => {
    const invocation = {
      ...common,
      route: route('DELETE', '/links/{tokenId}', 'link'),
      method: 'DELETE',
      pathWithQueryString: '/links/00ff',
      headers: { Accept: 'text/html' },
      body: undefined,
    };
    expect(testInvokeEvent(invocation, api)).toMatchObject({
      pathParameters: { tokenId: '00ff' },
      headers: { Accept: 'text/html' },
      multiValueHeaders: { Accept: ['text/html'] },
    });
  });
});

describe('the management API', () => {
  let folder: string;
  let operator: AccessKey;
  let principal: Principal;
  let service: RunningService;
  let invoked: { arn: string; event: unknown }[];
  let authorizations: AccessRequest[];
  let outcome: Outcome;
  let decide: (request: AccessRequest) => Decision;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tvm-management-'));
    const accessKeys = openAccessKeys(join(folder, 'keys.json'), api.accountId);
    operator = accessKeys.keyOf('user', 'operator');
    const known = accessKeys.principalOf(operator.accessKeyId);
    if (known === undefined) throw new Error('the operator is unknown');
    principal = known;
    service = await startManagementApi({
      port: 0,
      region: 'us-east-1',
      api,
      accessKeys,
      clock: () => new Date(),
      authorize: (request) => {
        authorizations.push(request);
        return decide(request);
      },
      functions: {
        invoke: async (arn, event) => {
          invoked.push({ arn, event });
          return outcome;
        },
        invokeWithResponseStream: () => ({ kind: 'too-large' }),
      },
    });
  });

  afterAll(async () => {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    invoked = [];
    authorizations = [];
    decide = () => ALLOWED;
    outcome = {
      kind: 'answered',
      payload: JSON.stringify({ statusCode: 302, headers: { Location: 'https://files' }, body: '' }),
    };
  });

  async function call(method: 'GET' | 'POST', path: string, body?: object) {
    const as = { ...operator, region: 'us-east-1' };
    const response = await signedCall(
      as,
      { service: 'apigateway', url: `${service.url}${path}` },
      method,
      body,
    );
    return {
      status: response.status,
      error: response.headers.get('x-amzn-errortype'),
      json: await response.json(),
    };
  }

  test('the API is listed with its ID and name, and its resources are listed with their methods', async () => {
    expect((await call('GET', '/restapis')).json).toEqual({
      item: [{ id: 'a1b2c3d4e5', name: 'TokenVendingMachine' }],
    });
    expect((await call('GET', '/restapis/a1b2c3d4e5/resources')).json).toEqual({
      item: [
        { id: 'root', path: '/', resourceMethods: { GET: {} } },
        { id: 'links', path: '/links', pathPart: 'links', parentId: 'root', resourceMethods: { POST: {} } },
        {
          id: 'link',
          path: '/links/{tokenId}',
          pathPart: '{tokenId}',
          parentId: 'links',
          resourceMethods: { DELETE: {} },
        },
      ],
    });
  });

  test('a test invocation returns the status, headers, and body of the response', async () => {
    const path = '/restapis/a1b2c3d4e5/resources/links/methods/POST';
    const { json } = await call('POST', path, { body: '{"asset":"report.pdf"}' });
    expect(json).toMatchObject({ status: 302, body: '', headers: { Location: 'https://files' } });
    expect(invoked).toEqual([
      {
        arn: 'arn:aws:lambda:us-east-1:111122223333:function:POST',
        event: expect.objectContaining({ body: '{"asset":"report.pdf"}', headers: null }),
      },
    ]);
    expect(JSON.stringify(invoked)).toContain('arn:aws:iam::111122223333:user/operator');
  });

  test('the function receives the unique ID of the caller, as in a signed request', async () => {
    await call('POST', '/restapis/a1b2c3d4e5/resources/links/methods/POST', { body: '{}' });
    const [{ event } = { event: undefined }] = invoked;
    expect(event).toMatchObject({
      requestContext: {
        identity: {
          caller: principal.userId,
          user: principal.userId,
          userArn: principal.arn,
          accountId: api.accountId,
          accessKey: operator.accessKeyId,
        },
      },
    });
    expect(principal.userId).toMatch(/^AIDA[A-Z2-7]{17}$/);
  });

  test('the log of a test invocation contains neither the request nor the response', async () => {
    outcome = { kind: 'answered', payload: JSON.stringify({ statusCode: 200, body: 'the response' }) };
    const path = '/restapis/a1b2c3d4e5/resources/links/methods/POST';
    const { json } = await call('POST', path, { body: 'the request' });
    expect((json as { log: string }).log).not.toMatch(/the response|the request/);
  });

  test('a test invocation returns the gateway response if the function fails', async () => {
    outcome = { kind: 'failed', error: { errorType: 'Error', errorMessage: 'no', trace: [] } };
    const { json } = await call('POST', '/restapis/a1b2c3d4e5/resources/links/methods/POST', {});
    expect(json).toMatchObject({ status: 502, body: 'DEFAULT_5XX' });
  });

  test.each([
    ['GET', '/restapis/other/resources'],
    ['POST', '/restapis/a1b2c3d4e5/resources/none/methods/POST'],
    ['POST', '/restapis/a1b2c3d4e5/resources/links/methods/GET'],
    ['GET', '/restapis/a1b2c3d4e5/resources/links/methods/POST'],
    ['GET', '/usageplans'],
  ] as const)('%s %s is not found', async (method, path) => {
    expect(await call(method, path, method === 'POST' ? {} : undefined)).toMatchObject({
      status: 404,
      error: 'NotFoundException',
    });
    expect(invoked).toEqual([]);
  });

  test('a test invocation with invalid input is rejected', async () => {
    const path = '/restapis/a1b2c3d4e5/resources/links/methods/POST';
    expect(await call('POST', path, { body: 7 })).toMatchObject({
      status: 400,
      error: 'BadRequestException',
    });
  });

  test('unsigned and unauthorized calls are rejected', async () => {
    expect((await fetch(`${service.url}/restapis`)).status).toBe(403);
    decide = denialOf;
    const denied = await call('POST', '/restapis/a1b2c3d4e5/resources/links/methods/POST', {});
    expect(denied).toMatchObject({ status: 403, error: 'AccessDeniedException' });
    expect(authorizations).toMatchObject([
      {
        action: 'apigateway:POST',
        resource: 'arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/resources',
      },
    ]);
    expect(invoked).toEqual([]);
  });
});
