import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessKey } from '../../src/access-keys.ts';
import { type GoldenName, goldenEvent } from '../support/api-event.ts';
import { type HeaderPairs, SmallApi } from '../support/small-api.ts';

const api = new SmallApi();

beforeAll(() =>
  api.start({
    routes: [
      ['GET', '/', 'NONE'],
      ['GET', '/redeem', 'NONE'],
      ['HEAD', '/redeem', 'NONE'],
      ['POST', '/redeem', 'NONE'],
      ['POST', '/token', 'NONE'],
      ['POST', '/links', 'AWS_IAM'],
      ['DELETE', '/links/{tokenId}', 'AWS_IAM'],
    ],
  }),
);
afterAll(() => api.stop());

interface ProxyEvent {
  readonly path: string;
  readonly httpMethod: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly body: string | null;
  readonly requestContext: Readonly<Record<string, unknown>> & {
    readonly identity: Readonly<Record<string, unknown>>;
  };
}

/** Headers that the tests do not send, because the gateway or the signer adds them. */
const NOT_SENT = /^(Host|X-Forwarded-.*|X-Amzn-Trace-Id|X-Amz-.*)$/;

/** Fields that differ between requests or deployments. Only their types are compared. */
const VOLATILE_HEADERS = [
  'Host',
  'X-Amzn-Trace-Id',
  'X-Forwarded-For',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-Amz-Date',
];
const VOLATILE_CONTEXT = [
  'resourceId',
  'extendedRequestId',
  'requestTime',
  'requestTimeEpoch',
  'requestId',
  'domainName',
  'domainPrefix',
  'deploymentId',
  'apiId',
];
const VOLATILE_IDENTITY = ['sourceIp', 'caller', 'user', 'accessKey'];

const typesOf = <Value>(object: Readonly<Record<string, Value>>, names: readonly string[]) => ({
  ...object,
  ...Object.fromEntries(names.filter((name) => name in object).map((name) => [name, kindOf(object[name])])),
});

/** Returns a value's type. `null` is a separate type, and so is each prefix of a unique ID or access key ID. */
const kindOf = (value: unknown): unknown => {
  if (value === null) return null;
  if (Array.isArray(value)) return [typeof value[0]];
  return /^(AIDA|AROA|AKIA|ASIA)/.exec(String(value))?.[1] ?? typeof value;
};

function comparable(event: ProxyEvent) {
  return {
    ...event,
    headers: typesOf(event.headers, VOLATILE_HEADERS),
    multiValueHeaders: typesOf(event.multiValueHeaders, VOLATILE_HEADERS),
    requestContext: {
      ...typesOf(event.requestContext, VOLATILE_CONTEXT),
      identity: typesOf(event.requestContext.identity, VOLATILE_IDENTITY),
    },
  };
}

const golden = (name: GoldenName): ProxyEvent => goldenEvent(name) as unknown as ProxyEvent;

const sentHeaders = (event: ProxyEvent): HeaderPairs =>
  Object.entries(event.multiValueHeaders).flatMap(([name, values]) =>
    NOT_SENT.test(name) ? [] : values.map((value) => [name, value] as const),
  );

describe('golden events for HTTP requests', () => {
  const cases: readonly (readonly [GoldenName, string])[] = [
    ['get-form', '?utm=a&utm=b&asset=Jahresbericht+Q3%20%2B%20Anh%C3%A4nge.pdf'],
    ['get-redeem', '?token=tvm_AQE2aSikVAABAgMEBQYHCAkKCwwNDg_w8fLz9PX29_j5-vv8_f7_'],
    ['head-redeem', '?token=tvm_AQE2aSikVAABAgMEBQYHCAkKCwwNDg_w8fLz9PX29_j5-vv8_f7_'],
    ['post-redeem-form', ''],
    ['post-token-json', ''],
  ];
  test.each(cases)('the event for the request %s matches the golden event', async (name, query) => {
    const expected = golden(name);
    await api.send({
      method: expected.httpMethod,
      target: `/v1${expected.path}${query}`,
      headers: sentHeaders(expected),
      ...(expected.body === null ? {} : { body: expected.body }),
    });
    expect(comparable(api.events.at(-1) as ProxyEvent)).toEqual(comparable(expected));
  });

  test.each(['post-links-iam', 'delete-link-iam'] as const)(
    'the event for the signed request %s matches the golden event',
    async (name) => {
      const expected = golden(name);
      const { status } = await api.send(
        await api.signed({
          method: expected.httpMethod,
          target: `/v1${expected.path}`,
          headers: sentHeaders(expected),
          ...(expected.body === null ? {} : { body: expected.body }),
        }),
      );
      expect(status).toBe(200);
      expect(comparable(api.events.at(-1) as ProxyEvent)).toEqual(comparable(expected));
    },
  );
});

/* See `$context.identity.caller` in the API Gateway Developer Guide, and "IAM identifiers" in the IAM User Guide. */
describe("the caller in a signed request's proxy event", () => {
  const identityOf = async (key: AccessKey) => {
    await api.send(await api.signed({ method: 'POST', target: '/v1/links', body: '{}' }, key));
    return (api.events.at(-1) as ProxyEvent).requestContext.identity;
  };

  test('a user is identified by the same unique ID in every request', async () => {
    const first = await identityOf(api.operator);
    expect(first).toMatchObject({
      caller: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      user: first.caller,
      userArn: 'arn:aws:iam::111122223333:user/operator',
      accountId: '111122223333',
      accessKey: api.operator.accessKeyId,
    });
    expect(await identityOf(api.operator)).toEqual(first);
  });

  test('an assumed role is identified by its unique ID and the session name', async () => {
    const identity = await identityOf(api.session);
    expect(identity).toMatchObject({
      caller: expect.stringMatching(/^AROA[A-Z2-7]{17}:issuer$/),
      user: identity.caller,
      userArn: 'arn:aws:sts::111122223333:assumed-role/issuer/issuer',
      accountId: '111122223333',
      accessKey: expect.stringMatching(/^ASIA/),
    });
  });
});

describe('the proxy event', () => {
  const last = (): ProxyEvent & Readonly<Record<string, unknown>> =>
    api.events.at(-1) as ProxyEvent & Readonly<Record<string, unknown>>;

  test('the path keeps a trailing slash, although routing ignores it', async () => {
    await api.send({ method: 'GET', target: '/v1/redeem/' });
    expect(last()).toMatchObject({ path: '/redeem/', resource: '/redeem', pathParameters: null });
    expect(last().requestContext.path).toBe('/v1/redeem/');
  });

  test('path parameters are not decoded', async () => {
    await api.send(await api.signed({ method: 'DELETE', target: '/v1/links/a%2Bb' }));
    expect(last()).toMatchObject({ pathParameters: { tokenId: 'a%2Bb' } });
  });

  test('the event contains both the last value and all values of a repeated parameter', async () => {
    await api.send({ method: 'GET', target: '/v1/redeem?a=1&a=&b&__proto__=x' });
    expect(last().queryStringParameters).toEqual(JSON.parse('{"a":"","b":"","__proto__":"x"}'));
    expect(last().multiValueQueryStringParameters).toEqual(
      JSON.parse('{"a":["1",""],"b":[""],"__proto__":["x"]}'),
    );
  });

  test('a parameter with an invalid encoding is not decoded', async () => {
    await api.send({ method: 'GET', target: '/v1/redeem?token=%E0%A4%A&x=%zz' });
    expect(last().queryStringParameters).toEqual({ token: '%E0%A4%A', x: '%zz' });
  });

  test('the source address comes from the connection, not from headers', async () => {
    await api.send({ method: 'GET', target: '/v1/', headers: [['X-Forwarded-For', '203.0.113.9']] });
    expect(last().requestContext.identity.sourceIp).toBe('127.0.0.1');
    expect(last().headers['X-Forwarded-For']).toBe('203.0.113.9, 127.0.0.1');
  });

  test('hop-by-hop headers and a verified signature are removed', async () => {
    const headers = [
      ['Connection', 'close'],
      ['TE', 'trailers'],
      ['Upgrade', 'h2c'],
    ] as const;
    await api.send(await api.signed({ method: 'POST', target: '/v1/links', headers, body: '{}' }));
    expect(Object.keys(last().headers).map((name) => name.toLowerCase())).not.toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^(connection|te|upgrade|content-length|authorization)$/),
      ]),
    );
  });

  test('the Authorization header is kept if the route does not require a signature', async () => {
    await api.send({ method: 'GET', target: '/v1/', headers: [['authorization', 'Bearer x']] });
    expect(last().headers.Authorization).toBe('Bearer x');
  });

  test('the user agent is null if the request has none', async () => {
    await api.send({ method: 'GET', target: '/v1' });
    expect(last().requestContext.identity.userAgent).toBeNull();
    expect(last().path).toBe('/');
  });
});
