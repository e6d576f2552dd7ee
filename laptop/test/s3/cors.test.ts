import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { localS3, type PlainResponse, verdict } from '../support/local-s3.ts';

const SITE = 'http://127.0.0.1:8787';
const RULES = [
  {
    allowedOrigins: [SITE, 'https://*.example.com'],
    allowedMethods: ['PUT', 'POST'],
    allowedHeaders: ['Content-Type', 'x-amz-*'],
    exposedHeaders: ['ETag', 'x-amz-version-id'],
    maxAgeSeconds: 300,
  },
  { allowedOrigins: ['*'], allowedMethods: ['GET'], allowedHeaders: [], exposedHeaders: [] },
];
const VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method';

const s3 = localS3();

beforeEach(() => s3.service.createBucket('files', { versioned: true, cors: RULES }));

const preflight = (headers: Record<string, string>, target = '/files/a'): Promise<PlainResponse> =>
  s3.send({ method: 'OPTIONS', target, headers });

const asking = (origin: string, method: string, headers?: string): Promise<PlainResponse> =>
  preflight({
    origin,
    'access-control-request-method': method,
    ...(headers && { 'access-control-request-headers': headers }),
  });

const cors = ({ headers }: PlainResponse): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => /^(access-control-|vary$)/.test(name)));

describe('a preflight request', () => {
  test('does not need a signature, and gets the headers of the rule that allows it', async () => {
    const response = await asking(SITE, 'PUT', 'content-type,X-Amz-Checksum-SHA256');
    expect(response.status).toBe(200);
    expect(cors(response)).toEqual({
      'access-control-allow-origin': SITE,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'PUT, POST',
      'access-control-allow-headers': 'content-type, x-amz-checksum-sha256',
      'access-control-expose-headers': 'ETag, x-amz-version-id',
      'access-control-max-age': '300',
      vary: VARY,
    });
  });

  test('gets the headers of the first matching rule, even if that rule contains a wildcard', async () => {
    const [any, sub] = await Promise.all([
      asking('https://else', 'GET'),
      asking('https://a.example.com', 'PUT'),
    ]);
    expect(cors(any)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET',
      vary: VARY,
    });
    expect(cors(sub)).toMatchObject({ 'access-control-allow-origin': 'https://a.example.com' });
  });

  test.each([
    ['a site that no rule allows to PUT', 'https://evil.example', 'PUT', ''],
    ['a site whose name starts with an allowed name', `${SITE}0`, 'PUT', ''],
    ['a method that no rule allows', SITE, 'DELETE', ''],
    ['a header that no rule allows', SITE, 'PUT', 'content-type, authorization'],
    ['a header that only a rule for other methods allows', 'https://else', 'GET', 'x-amz-date'],
  ])('is rejected without CORS headers for %s', async (_, origin, method, headers) => {
    const response = await asking(origin, method, headers);
    expect(verdict(response)).toEqual([403, 'AccessForbidden']);
    expect(response.text).toContain('CORSResponse: This CORS request is not allowed.');
    expect(response.text).toContain(`<Method>${method}</Method><ResourceType>OBJECT</ResourceType>`);
    expect(cors(response)).toEqual({});
  });

  test.each([
    ['a bucket without rules', '/plain/a', 'CORSResponse: CORS is not enabled for this bucket.'],
    ['a bucket that does not exist', '/nowhere/a', 'CORSResponse: Bucket not found'],
  ])('is rejected for %s', async (_, target, message) => {
    const response = await preflight({ origin: SITE }, target);
    expect(verdict(response)).toEqual([403, 'AccessForbidden']);
    expect(response.text).toContain(message);
  });

  test('is rejected if it has no origin', async () => {
    expect(verdict(await preflight({}))).toEqual([400, 'BadRequest']);
  });
});

describe('a cross-origin request', () => {
  test('gets CORS headers if a rule allows it, even if the request fails', async () => {
    const client = s3.client;
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket: 'files', Key: 'a' }));
    const put = (target: string, origin: string) =>
      s3.send({ method: 'PUT', target, headers: { origin }, body: 'x' });
    const target = url.slice(s3.service.url.length);
    for (const [response, status] of [
      [await put(target, SITE), 200],
      [await put(`${target}0`, SITE), 403],
    ] as const) {
      expect(response.status).toBe(status);
      expect(cors(response)).toEqual({
        'access-control-allow-origin': SITE,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'PUT, POST',
        'access-control-expose-headers': 'ETag, x-amz-version-id',
        'access-control-max-age': '300',
        vary: VARY,
      });
    }
    // The browser hides this response from the site, but S3 has executed the request.
    const foreign = await put(target, 'https://evil.example');
    expect([foreign.status, cors(foreign)]).toEqual([200, {}]);
  });

  test('gets no CORS headers if it has no origin', async () => {
    expect(cors(await s3.sendSigned({ method: 'GET', target: '/files/nothing' }))).toEqual({});
  });
});
