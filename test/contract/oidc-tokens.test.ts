import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { mock } from 'node:test';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { type OidcOptions, oidcTenants } from '../../lambda/adapters/oidc-tokens.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { ManualClock } from '../support/manual-clock.ts';

const later = afterwards();
const AT = new Date('2031-05-17T10:20:30Z');
const NOW = AT.getTime() / 1000;
let time: ManualClock;

beforeEach(() => {
  time = new ManualClock(AT);
  // jose computes the age of keys with Date.now.
  mock.method(Date, 'now', () => time.read().getTime());
});
afterEach(() => {
  mock.restoreAll();
});

type Respond = (response: ServerResponse) => void;

const json =
  (content: object, status = 200): Respond =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));

interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

async function signingKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Starts an identity provider whose responses tests can change. `asked` counts requests for its keys. */
async function startProvider(key: SigningKey) {
  const provider = {
    issuer: '',
    asked: 0,
    keys: json({ keys: [key.jwk] }),
    description: (() => undefined) as Respond,
  };
  const service = await startLoopbackServer({ port: 0 }, async ({ url }, response) => {
    if (url === '/.well-known/openid-configuration') return provider.description(response);
    provider.asked += 1;
    provider.keys(response);
  });
  later(service.close);
  provider.issuer = service.url;
  provider.description = json({ issuer: service.url, jwks_uri: `${service.url}/keys` });
  return provider;
}

const KEY = await signingKey('first');

/** A token's claims. A claim that is `undefined` is left out. */
type Claims = Readonly<Record<string, unknown>>;

/** Starts a provider, and returns it with functions that create and verify its tokens. */
async function world(options: Partial<OidcOptions> = {}, key = KEY) {
  const provider = await startProvider(key);
  const { issuer } = provider;
  const verify = oidcTenants({
    issuer,
    audience: 'vending',
    tenantClaim: 'org',
    clock: time.read,
    timeoutMs: 10_000,
    ...options,
  });
  const claims = { iss: issuer, aud: 'vending', exp: NOW + 300, org: 'acme' };
  const token = (more: Claims = {}, by = key) =>
    new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: by.alg, kid: by.kid }).sign(by.privateKey);
  return { provider, verify, token, claims };
}

describe('a bearer token', () => {
  test('names its tenant', async () => {
    const { provider, verify, token } = await world();
    expect(await verify(await token())).toBe('oidc:acme');
    expect(await verify(await token({ aud: ['other', 'vending'], org: 'https://acme.example/1' }))).toBe(
      'oidc:https://acme.example/1',
    );
    expect(provider.asked).toBe(1);
  });

  test.each(['PS256', 'ES256', 'ES384', 'EdDSA'])('can be signed with %s', async (alg) => {
    const key = await signingKey('other', alg);
    const { verify, token } = await world({}, key);
    expect(await verify(await token())).toBe('oidc:acme');
  });

  test.each<[string, Claims]>([
    ['is for another audience', { aud: 'other' }],
    ['is for no audience', { aud: undefined }],
    ['is from another issuer', { iss: 'https://other.example' }],
    ['has expired', { exp: NOW - 11 }],
    ['never expires', { exp: undefined }],
    ['is not valid yet', { nbf: NOW + 11 }],
    ['names no tenant', { org: undefined }],
    ['has a number as its tenant', { org: 7 }],
    ['has a list as its tenant', { org: ['acme'] }],
    ['has an empty tenant', { org: '' }],
    ['has a tenant with a space', { org: 'acme inc' }],
    ['has a tenant with a line break', { org: 'acme\n' }],
    ['has a tenant with a Cyrillic letter', { org: 'аcme' }],
    ['has a tenant of 129 characters', { org: 'a'.repeat(129) }],
  ])('is rejected if it %s', async (_what, claims) => {
    const { verify, token } = await world();
    expect(await verify(await token(claims))).toBeUndefined();
  });

  test('is accepted a few seconds before it becomes valid and after it expires, because clocks differ', async () => {
    const { verify, token } = await world();
    expect(await verify(await token({ exp: NOW - 5, nbf: NOW + 5 }))).toBe('oidc:acme');
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    'does not take its tenant from the inherited property %s',
    async (tenantClaim) => {
      const { verify, token } = await world({ tenantClaim });
      expect(await verify(await token())).toBeUndefined();
    },
  );

  test('is rejected without a signature', async () => {
    const { provider, verify, claims } = await world();
    expect(await verify(new UnsecuredJWT(claims).encode())).toBeUndefined();
    expect(provider.asked).toBe(0);
  });

  test('is rejected if the public key was used as an HMAC secret', async () => {
    const { verify, claims } = await world();
    const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
    const signed = `${part({ alg: 'HS256', kid: KEY.kid })}.${part(claims)}`;
    for (const secret of [await exportSPKI(KEY.publicKey), JSON.stringify(KEY.jwk), KEY.jwk.n ?? '']) {
      const mac = createHmac('sha256', secret).update(signed).digest('base64url');
      expect(await verify(`${signed}.${mac}`)).toBeUndefined();
    }
  });

  test('is rejected if its claims were changed, or if another key with the same ID signed it', async () => {
    const { verify, token } = await world();
    const [header, , signature] = (await token()).split('.');
    const [, claims] = (await token({ org: 'other' })).split('.');
    expect(await verify([header, claims, signature].join('.'))).toBeUndefined();
    expect(await verify(await token({}, await signingKey(KEY.kid)))).toBeUndefined();
  });

  test.each(['', 'x', 'a.b.c', '..', `${'a'.repeat(5000)}.${'b'.repeat(5000)}.${'c'.repeat(5000)}`])(
    'is rejected if it is not a JWT (%#)',
    async (text) => {
      const { provider, verify } = await world();
      expect(await verify(text)).toBeUndefined();
      expect(provider.asked).toBe(0);
    },
  );

  test('is rejected if it is too long, even if its signature is valid', async () => {
    const { verify, token } = await world();
    expect(await verify(await token({ more: 'x'.repeat(8000) }))).toBeUndefined();
  });
});

describe('the keys of an identity provider', () => {
  test('are fetched again for an unknown key ID, but at most every 30 seconds', async () => {
    const { provider, verify, token } = await world();
    await verify(await token());
    const second = await signingKey('second');
    expect(await verify(await token({}, second))).toBeUndefined();
    expect(provider.asked).toBe(1);
    provider.keys = json({ keys: [second.jwk] });
    time.advance(31);
    expect(await verify(await token({}, second))).toBe('oidc:acme');
    expect(await verify(await token())).toBeUndefined();
    expect(provider.asked).toBe(2);
  });

  test('are fetched at most every 30 seconds for unknown key IDs, even while the provider fails', async () => {
    const { provider, verify, token } = await world();
    await verify(await token());
    provider.keys = json({}, 429);
    time.advance(31);
    const unknown = await token({}, await signingKey('unknown'));
    for (let sent = 0; sent < 3; sent += 1) await expect(verify(unknown)).rejects.toBeInstanceOf(Unavailable);
    expect(provider.asked).toBe(2);
    expect(await verify(await token())).toBe('oidc:acme');
    time.advance(31);
    await expect(verify(unknown)).rejects.toBeInstanceOf(Unavailable);
    expect(provider.asked).toBe(3);
  });

  test('are fetched once for many concurrent tokens', async () => {
    const { provider, verify, token } = await world();
    const borne = await token();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => verify(borne))))).toEqual(
      new Set(['oidc:acme']),
    );
    expect(provider.asked).toBe(1);
  });

  test('stay in use for ten minutes while the provider is down', async () => {
    const { provider, verify, token } = await world();
    await verify(await token());
    provider.keys = json({}, 503);
    time.advance(590);
    expect(await verify(await token({ exp: NOW + 9000 }))).toBe('oidc:acme');
    const unknown = verify(await token({ exp: NOW + 9000 }, await signingKey('unknown')));
    await expect(unknown).rejects.toBeInstanceOf(Unavailable);
    time.advance(20);
    await expect(verify(await token({ exp: NOW + 9000 }))).rejects.toBeInstanceOf(Unavailable);
  });

  test.each<[string, Respond]>([
    ['fails', json({}, 500)],
    ['sends HTML', (response) => response.end('<html>')],
    ['sends no keys', json({})],
    ['closes the connection', (response) => response.destroy()],
    ['redirects', (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
  ])('are unavailable while the provider %s, and are fetched by the next request', async (_what, respond) => {
    const { provider, verify, token } = await world();
    const { keys, description } = provider;
    provider.description = respond;
    await expect(verify(await token())).rejects.toBeInstanceOf(Unavailable);
    provider.description = description;
    provider.keys = respond;
    await expect(verify(await token())).rejects.toBeInstanceOf(Unavailable);
    provider.keys = keys;
    expect(await verify(await token())).toBe('oidc:acme');
  });

  test.each(['description', 'keys'] as const)(
    'are unavailable if the provider takes too long to send its %s',
    async (slow) => {
      const { provider, verify, token } = await world({ timeoutMs: 100 });
      provider[slow] = () => undefined;
      await expect(verify(await token())).rejects.toBeInstanceOf(Unavailable);
    },
  );

  test.each<[string, (issuer: string) => object]>([
    ['describes another issuer', (issuer) => ({ issuer: `${issuer}/`, jwks_uri: `${issuer}/keys` })],
    ['names no URL for its keys', (issuer) => ({ issuer })],
    [
      'names a URL whose protocol differs from the issuer’s',
      (issuer) => ({ issuer, jwks_uri: 'https://127.0.0.1:9/keys' }),
    ],
    ['names a relative URL', (issuer) => ({ issuer, jwks_uri: '/keys' })],
  ])('are not taken from a provider that %s', async (_what, described) => {
    const { provider, verify, token } = await world();
    provider.description = json(described(provider.issuer));
    await expect(verify(await token())).rejects.toBeInstanceOf(Unavailable);
    expect(provider.asked).toBe(0);
  });
});
