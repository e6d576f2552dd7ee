import { Sha256 } from '@aws-sdk/checksums/sha';
import { describe, expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import type { RawRequest } from '../../src/sigv4/raw-request.ts';
import { createSigV4Verifier, type SigV4Options } from '../../src/sigv4/verify.ts';

const SIGNED_AT = new Date('2031-05-17T10:20:30Z');
const later = (ms: number): Date => new Date(SIGNED_AT.getTime() + ms);
const MINUTE = 60_000;

const LONG_LIVED = { accessKeyId: 'AKIDLONG', secretAccessKey: 'secret-long' };
const TEMPORARY = { accessKeyId: 'ASIATEMP', secretAccessKey: 'secret-temp', sessionToken: 'session-token' };

const signer = (credentials: typeof LONG_LIVED, overrides: { region?: string; service?: string } = {}) =>
  new SignatureV4({
    credentials,
    region: overrides.region ?? 'eu-west-1',
    service: overrides.service ?? 's3',
    sha256: Sha256,
    uriEscapePath: false,
  });

const verifier = (now: Date, overrides: Partial<SigV4Options> = {}) =>
  createSigV4Verifier({
    service: 's3',
    region: 'eu-west-1',
    clock: () => now,
    credentials: (id) => [LONG_LIVED, TEMPORARY].find(({ accessKeyId }) => accessKeyId === id),
    ...overrides,
  });

const HOST: Record<string, string> = { host: 'localhost:9000' };

const toSign = {
  method: 'GET',
  protocol: 'http:',
  hostname: 'localhost',
  path: '/files/gated/report.pdf',
  headers: HOST,
};

async function signed(by = signer(LONG_LIVED), request = toSign): Promise<RawRequest> {
  const { method, path, headers } = await by.sign(request, { signingDate: SIGNED_AT });
  return { method, target: path, headers: new Map(Object.entries(headers)) };
}

async function presigned(expiresIn: number, by = signer(LONG_LIVED)): Promise<RawRequest> {
  const request = { ...toSign, headers: { ...toSign.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } };
  const {
    method,
    path,
    query = {},
    headers,
  } = await by.presign(request, { signingDate: SIGNED_AT, expiresIn });
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return { method, target: `${path}?${pairs.join('&')}`, headers: new Map(Object.entries(headers)) };
}

const withHeader = (request: RawRequest, name: string, value: string): RawRequest => ({
  ...request,
  headers: new Map([...request.headers, [name, value]]),
});

async function reasonFor(
  request: RawRequest,
  now = SIGNED_AT,
  overrides: Partial<SigV4Options> = {},
): Promise<string> {
  const verification = await verifier(now, overrides)(request);
  return verification.ok ? 'accepted' : verification.failure.reason;
}

describe('the signature verifier', () => {
  test('a valid signature is returned with its access key, type, and age', async () => {
    expect(await verifier(later(1500))(await presigned(30))).toMatchObject({
      ok: true,
      signature: {
        accessKeyId: 'AKIDLONG',
        authType: 'REST-QUERY-STRING',
        ageMs: 1500,
        payloadHash: 'UNSIGNED-PAYLOAD',
      },
    });
    expect(await verifier(later(-500))(await signed())).toMatchObject({
      ok: true,
      signature: { authType: 'REST-HEADER', ageMs: 0 },
    });
  });

  test('a request without a signature is rejected', async () => {
    expect(await reasonFor({ method: 'GET', target: '/files/a', headers: new Map() })).toBe('missing');
  });

  test('a presigned URL is accepted until the last millisecond of its lifetime', async () => {
    expect(await reasonFor(await presigned(30), later(29_999))).toBe('accepted');
    expect(await reasonFor(await presigned(30), later(30_000))).toBe('expired');
  });

  test('a presigned URL can have a lifetime of at most seven days', async () => {
    const week = await presigned(604_800);
    expect(await reasonFor(week)).toBe('accepted');
    expect(await reasonFor({ ...week, target: week.target.replace('604800', '604801') })).toBe('malformed');
  });

  test.each(['-1', '', '1e9', '0x10', '9999999999999999'])(
    'a presigned URL with the lifetime %j is rejected',
    async (expires) => {
      const url = await presigned(30);
      const changed = { ...url, target: url.target.replace('X-Amz-Expires=30', `X-Amz-Expires=${expires}`) };
      expect(await reasonFor(changed)).toBe('malformed');
    },
  );

  test('a clock skew of at most fifteen minutes is accepted', async () => {
    const request = await signed();
    expect(await reasonFor(request, later(15 * MINUTE))).toBe('accepted');
    expect(await reasonFor(request, later(-15 * MINUTE))).toBe('accepted');
    expect(await reasonFor(request, later(15 * MINUTE + 1))).toBe('skewed');
    expect(await reasonFor(request, later(-15 * MINUTE - 1))).toBe('skewed');
    expect(await reasonFor(await presigned(30), later(-15 * MINUTE - 1))).toBe('not-yet-valid');
  });

  test('an unknown access key is rejected', async () => {
    expect(await reasonFor(await signed(signer({ accessKeyId: 'AKIDOTHER', secretAccessKey: 'x' })))).toBe(
      'unknown-access-key',
    );
  });

  test('a signature made with the wrong secret is rejected', async () => {
    expect(await reasonFor(await signed(signer({ ...LONG_LIVED, secretAccessKey: 'guess' })))).toBe(
      'mismatch',
    );
  });

  test('temporary credentials need their session token in a header or in the presigned URL', async () => {
    expect(await reasonFor(await signed(signer(TEMPORARY)))).toBe('accepted');
    expect(await reasonFor(await presigned(30, signer(TEMPORARY)))).toBe('accepted');
    const { sessionToken: _, ...withoutToken } = TEMPORARY;
    expect(await reasonFor(await signed(signer(withoutToken)))).toBe('invalid-session-token');
    expect(await reasonFor(await signed(signer({ ...LONG_LIVED, ...{ sessionToken: 'x' } })))).toBe(
      'invalid-session-token',
    );
  });

  test('an x-amz header that was added after signing is rejected', async () => {
    const verification = await verifier(SIGNED_AT)(
      withHeader(await presigned(30), 'x-amz-acl', 'public-read'),
    );
    expect(verification).toEqual({
      ok: false,
      failure: { reason: 'headers-not-signed', headers: ['x-amz-acl'] },
    });
  });

  test('a signature that does not cover the host is rejected', async () => {
    const url = await presigned(30);
    expect(
      await reasonFor({ ...url, target: url.target.replace('SignedHeaders=host', 'SignedHeaders=date') }),
    ).toBe('headers-not-signed');
  });

  test('a request without one of its signed headers is rejected', async () => {
    const request = await signed(signer(LONG_LIVED), {
      ...toSign,
      headers: { ...toSign.headers, range: 'bytes=0-1' },
    });
    const headers = new Map(request.headers);
    headers.delete('range');
    expect(await reasonFor({ ...request, headers })).toBe('mismatch');
  });

  test('a header that does not have to be signed can be added after signing', async () => {
    expect(await reasonFor(withHeader(await signed(), 'user-agent', 'curl/8'))).toBe('accepted');
  });

  test('a signature for another service or region is rejected', async () => {
    expect(await reasonFor(await signed(signer(LONG_LIVED, { service: 'kms' })))).toBe('wrong-scope');
    expect(await reasonFor(await signed(signer(LONG_LIVED, { region: 'us-east-1' })))).toBe('wrong-scope');
  });

  test('a request with two signatures, or with repeated or misspelled signature parameters, is rejected', async () => {
    const url = await presigned(30);
    const authorization = (await signed()).headers.get('authorization') ?? '';
    expect(await reasonFor(withHeader(url, 'authorization', authorization))).toBe('malformed');
    expect(await reasonFor({ ...url, target: `${url.target}&X-Amz-Expires=604800` })).toBe('malformed');
    expect(await reasonFor({ ...url, target: `${url.target}&x-amz-signature=0` })).toBe('malformed');
    expect(
      await reasonFor({ ...(await signed()), target: '/files/gated/report.pdf?x-amz-signature=0' }),
    ).toBe('malformed');
  });

  test.each([
    ['', 'empty'],
    ['AWS4-HMAC-SHA256', 'the algorithm alone'],
    ['AWS4-HMAC-SHA256 Credential=AKIDLONG, SignedHeaders=host, Signature=0', 'a credential without a scope'],
    ['Bearer token', 'another scheme'],
  ])('the Authorization header %j (%s) is rejected', async (authorization) => {
    expect(await reasonFor(withHeader(await signed(), 'authorization', authorization))).toBe('malformed');
  });

  test('signature version 2 is rejected as outdated', async () => {
    expect(await reasonFor(withHeader(await signed(), 'authorization', 'AWS AKIDLONG:c2ln'))).toBe(
      'outdated-version',
    );
    const target = '/files/a?AWSAccessKeyId=AKIDLONG&Signature=c2ln&Expires=1795463467';
    expect(await reasonFor({ method: 'GET', target, headers: new Map() })).toBe('outdated-version');
  });

  test.each(['20310518T102030Z', '20311317T102030Z', 'yesterday', '2031-05-17T10:20:30Z'])(
    'the request date %j is rejected, because it is invalid or differs from the date in the credential',
    async (date) => {
      expect(await reasonFor(withHeader(await signed(), 'x-amz-date', date))).toBe('malformed');
    },
  );

  test.each([
    '/a%',
    '/a%zz',
    '/%c3',
    '/%C3%28',
    '/é',
    '/a b',
    'http://localhost/a',
    '*',
    '/a?b=%',
    '/a?__proto__=1',
  ])('the request target %j is rejected, because it has no canonical form', async (target) => {
    expect(await reasonFor({ ...(await signed()), target })).toBe('invalid-target');
  });

  test('a path that services other than S3 normalize is rejected, because two paths would have the same signature', async () => {
    const gateway = { service: 'execute-api' } as const;
    for (const path of ['/dev//links', '/dev/./links', '/dev/../links', '/dev/..']) {
      const request = await signed(signer(LONG_LIVED, gateway), { ...toSign, path });
      expect(await reasonFor(request, SIGNED_AT, gateway)).toBe('invalid-target');
    }
  });

  test('dots and empty segments in an S3 key are accepted', async () => {
    for (const path of ['/files/../../etc/passwd', '/files//a', '/files/./a']) {
      expect(await reasonFor(await signed(signer(LONG_LIVED), { ...toSign, path }))).toBe('accepted');
    }
  });

  test('a signed S3 request without x-amz-content-sha256 is rejected', async () => {
    const bare = new SignatureV4({
      credentials: LONG_LIVED,
      region: 'eu-west-1',
      service: 's3',
      sha256: Sha256,
      uriEscapePath: false,
      applyChecksum: false,
    });
    expect(await reasonFor(await signed(bare))).toBe('payload-hash-missing');
  });

  test('a body hash that differs from the signed hash is rejected', async () => {
    const verification = await verifier(SIGNED_AT)(await signed(), '0'.repeat(64));
    expect(verification).toEqual({ ok: false, failure: { reason: 'mismatch' } });
  });
});
