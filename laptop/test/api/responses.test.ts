import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AccessRequest } from '../../src/access.ts';
import { denialOf } from '../support/denial.ts';
import { answered, SmallApi, type SmallApiOptions } from '../support/small-api.ts';

const ROUTES: SmallApiOptions['routes'] = [
  ['GET', '/redeem', 'NONE'],
  ['POST', '/redeem', 'NONE'],
  ['POST', '/links', 'AWS_IAM'],
  ['GET', '/files/{name}', 'NONE'],
  ['GET', '/files/list', 'NONE'],
  ['ANY', '/any/{rest+}', 'NONE'],
];
const TEN_MB = 10 * 1024 * 1024;

let api: SmallApi;
async function start(options: Partial<SmallApiOptions> = {}): Promise<void> {
  api = new SmallApi();
  await api.start({ routes: ROUTES, ...options });
}
afterEach(() => api.stop());

const problem = (code: string) => ({
  StatusCode: '404',
  ResponseParameters: {
    'gatewayresponse.header.Content-Type': "'application/problem+json'",
    'gatewayresponse.header.Cache-Control': "'no-store'",
  },
  ResponseTemplates: { 'application/json': `{"code":"${code}","id":"$context.requestId"}` },
});

describe('routing', () => {
  test('/ redirects to the stage', async () => {
    await start();
    const { status, headers } = await api.send({ method: 'GET', target: '/' });
    expect([status, headers.location]).toEqual([302, '/v1/']);
  });

  test('an unknown stage gets 403', async () => {
    await start();
    const { status, body } = await api.send({ method: 'GET', target: '/v10/redeem' });
    expect([status, body.toString()]).toEqual([403, '{"message":"Forbidden"}']);
  });

  test.each([
    ['GET', '/v1/unknown'],
    ['PUT', '/v1/redeem'],
    ['HEAD', '/v1/redeem'],
    ['OPTIONS', '/v1/redeem'],
    ['GET', '/v1/redeem/more'],
    ['GET', '/v1/Redeem'],
    ['GET', '/v1//redeem'],
    ['GET', '/v1/files'],
    ['GET', '/v1/files//'],
  ])('%s %s has no route and gets 403, as on API Gateway', async (method, target) => {
    await start();
    const { status, body } = await api.send({ method, target });
    expect(status).toBe(403);
    expect(body.toString()).toBe(method === 'HEAD' ? '' : '{"message":"Missing Authentication Token"}');
    expect(api.events).toEqual([]);
  });

  test.each([
    ['/v1/files/list', '/files/list'],
    ['/v1/files/other', '/files/{name}'],
    ['/v1/any/a/b', '/any/{rest+}'],
  ])('%s is routed to the most specific route', async (target, resource) => {
    await start();
    await api.send({ method: 'GET', target });
    expect(api.events).toEqual([expect.objectContaining({ resource })]);
  });
});

describe('gateway responses', () => {
  test('a gateway error is formatted as the template specifies', async () => {
    await start({ gatewayResponses: { MISSING_AUTHENTICATION_TOKEN: problem('not_found') } });
    const { status, headers, body } = await api.send({ method: 'GET', target: '/v1/unknown' });
    expect(status).toBe(404);
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
    expect(JSON.parse(body.toString())).toEqual({ code: 'not_found', id: headers['x-amzn-requestid'] });
  });

  test('an error without its own gateway response uses the default response, but keeps its own status if the default sets none', async () => {
    const { StatusCode: _status, ...shape } = problem('internal_error');
    await start({ gatewayResponses: { DEFAULT_5XX: shape } });
    api.respond = () => ({ kind: 'failed', error: { errorType: 'Error', errorMessage: 'secret' } });
    const { status, body } = await api.send({ method: 'GET', target: '/v1/redeem' });
    expect(status).toBe(502);
    expect(body.toString()).toContain('"code":"internal_error"');
    expect(body.toString()).not.toContain('secret');
  });

  test("startup fails if a gateway response's template contains logic", async () => {
    const ResponseTemplates = { 'application/json': '#set($x = 1)' };
    await expect(start({ gatewayResponses: { DEFAULT_4XX: { ResponseTemplates } } })).rejects.toThrow(
      'cannot render the template of the gateway response ResponseDEFAULT_4XX',
    );
  });

  test('the caller gets 504 if a function exceeds the integration timeout', async () => {
    await start({ timeoutInMillis: 50 });
    const never = Promise.withResolvers<never>();
    api.respond = () => never.promise;
    const { status, body } = await api.send({ method: 'GET', target: '/v1/redeem' });
    expect([status, body.toString()]).toEqual([504, '{"message":"Endpoint request timed out"}']);
  });
});

describe('request size limits', () => {
  test('a body of 10 MB reaches the function', async () => {
    await start();
    const { status } = await api.send({
      method: 'POST',
      target: '/v1/redeem',
      body: Buffer.alloc(TEN_MB, 'a'),
    });
    expect(status).toBe(200);
  });

  test('a body of more than 10 MB gets 413, and the client can read the response', async () => {
    await start();
    const body = Buffer.alloc(TEN_MB + 1, 'a');
    const response = await api.send({ method: 'POST', target: '/v1/redeem', body });
    expect([response.status, response.body.toString()]).toEqual([413, '{"message":"Request Too Long"}']);
    expect(api.events).toEqual([]);
  });

  test("a request whose event exceeds Lambda's size limit gets 413", async () => {
    await start();
    api.respond = () => ({ kind: 'too-large' });
    expect((await api.send({ method: 'POST', target: '/v1/redeem', body: 'x' })).status).toBe(413);
  });

  test('the API keeps working after a client disconnects in the middle of a body', async () => {
    await start();
    const { hostname, port } = api.url;
    const socket = connect(Number(port), hostname);
    const written = Promise.withResolvers<void>();
    socket.write('POST /v1/redeem HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', () =>
      written.resolve(),
    );
    await written.promise;
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await api.send({ method: 'GET', target: '/v1/redeem' })).status).toBe(200);
    expect(api.events).toHaveLength(1);
  });
});

describe("a function's response", () => {
  test('the caller receives the status, body, and all headers of a response', async () => {
    await start();
    api.respond = () =>
      answered({
        statusCode: 302,
        headers: { Location: 'https://example.org/', 'X-One': 'dropped', 'X-Flag': true },
        multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'], 'x-one': ['1'] },
        body: '',
      });
    const { status, headers } = await api.send({ method: 'GET', target: '/v1/redeem' });
    expect(status).toBe(302);
    expect(headers).toMatchObject({
      location: 'https://example.org/',
      'set-cookie': ['a=1', 'b=2'],
      'x-one': '1',
      'x-flag': 'true',
      'content-type': 'application/json',
      'content-length': '0',
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test("a function's response cannot set headers that only the gateway is allowed to set", async () => {
    await start();
    api.respond = () =>
      answered({
        statusCode: 200,
        headers: {
          Date: 'x',
          'Content-Length': '999',
          'Transfer-Encoding': 'chunked',
          'WWW-Authenticate': 'Bearer',
        },
        body: 'ok',
      });
    const { headers, body } = await api.send({ method: 'GET', target: '/v1/redeem' });
    expect(headers).toMatchObject({
      'x-amzn-remapped-date': 'x',
      'x-amzn-remapped-content-length': '999',
      'x-amzn-remapped-www-authenticate': 'Bearer',
    });
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(headers['www-authenticate']).toBeUndefined();
    expect(body.toString()).toBe('ok');
  });

  test.each([
    ['text', 'just text'],
    ['null', null],
    ['a list', []],
    ['an unknown field', { statusCode: 200, cookies: [] }],
    ['a body that is not a string', { statusCode: 200, body: {} }],
    ['a status that is not a number', { statusCode: 'fine' }],
    ['a header that is not a string', { statusCode: 200, headers: { 'X-Number': 1 } }],
    ['a header with a line break', { statusCode: 200, headers: { Location: 'a\r\nSet-Cookie: b' } }],
  ])('the caller gets 502 if a response is malformed: %s', async (_name, value) => {
    await start();
    api.respond = () => answered(value);
    const { status, body } = await api.send({ method: 'GET', target: '/v1/redeem' });
    expect([status, body.toString()]).toEqual([502, '{"message":"Internal server error"}']);
  });

  test('a response with status 204 has no body', async () => {
    await start();
    api.respond = () => answered({ statusCode: 204, body: 'x' });
    const { status, headers, body } = await api.send({ method: 'GET', target: '/v1/redeem' });
    expect([status, headers['content-length'], body.length]).toEqual([204, undefined, 0]);
  });
});

describe('binary media types', () => {
  const bytes = Buffer.from([0, 255, 128, 10]);

  test('the function receives bodies of binary media types as base64, and all other bodies as text', async () => {
    await start({ binaryMediaTypes: ['image/*', 'application/pdf'] });
    const post = (type: string) =>
      api.send({ method: 'POST', target: '/v1/redeem', headers: [['Content-Type', type]], body: bytes });
    await post('Image/PNG; q=1');
    await post('application/pdf');
    await post('text/plain');
    expect(api.events).toEqual([
      expect.objectContaining({ body: 'AP+ACg==', isBase64Encoded: true }),
      expect.objectContaining({ body: 'AP+ACg==', isBase64Encoded: true }),
      expect.objectContaining({ body: bytes.toString('utf8'), isBase64Encoded: false }),
    ]);
  });

  test('a base64 response is decoded if the first media type in the Accept header is binary', async () => {
    await start({ binaryMediaTypes: ['image/*'] });
    api.respond = () => answered({ statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true });
    const get = async (accept: string) =>
      (await api.send({ method: 'GET', target: '/v1/redeem', headers: [['Accept', accept]] })).body;
    expect(await get('image/png, text/html')).toEqual(bytes);
    expect((await get('text/html, image/png')).toString()).toBe('AP+ACg==');
  });
});

describe('a route that requires a signature', () => {
  const post = { method: 'POST', target: '/v1/links', body: '{"asset":"a"}' };

  test('a signed request is accepted', async () => {
    await start();
    expect((await api.send(await api.signed(post))).status).toBe(200);
  });

  test('an unsigned request gets the same response as a request for an unknown route', async () => {
    await start();
    const { status, body } = await api.send(post);
    expect([status, body.toString()]).toEqual([403, '{"message":"Missing Authentication Token"}']);
  });

  test.each([
    ['with a different body', { body: '{"asset":"b"}' }],
    ['with an added parameter', { target: '/v1/links?all=1' }],
    ['to a different path', { target: '/v1/links/' }],
  ])('a signed request is rejected if it is sent %s', async (_name, change) => {
    await start();
    const { status, body } = await api.send({ ...(await api.signed(post)), ...change });
    expect(status).toBe(403);
    expect(body.toString()).toMatch(/signature/);
    expect(api.events).toEqual([]);
  });

  test('signatures with an unknown key or a wrong secret are rejected', async () => {
    await start();
    const strange = await api.signed(post, { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' });
    const wrong = await api.signed(post, { ...api.operator, secretAccessKey: 'x' });
    for (const request of [strange, wrong]) expect((await api.send(request)).status).toBe(403);
    expect(api.events).toEqual([]);
  });

  test('the caller needs permission to invoke the route', async () => {
    const authorizations: AccessRequest[] = [];
    await start({
      authorize: (request) => {
        authorizations.push(request);
        return denialOf(request);
      },
    });
    expect((await api.send(await api.signed(post))).status).toBe(403);
    expect(api.events).toEqual([]);
    expect(authorizations).toMatchObject([
      {
        accessKeyId: api.operator.accessKeyId,
        action: 'execute-api:Invoke',
        resource: expect.stringMatching(/^arn:aws:execute-api:us-east-1:111122223333:\w+\/v1\/POST\/links$/),
      },
    ]);
  });
});
