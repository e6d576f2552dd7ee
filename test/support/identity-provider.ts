import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';

const ALGORITHM = 'ES256';

/** A local OpenID Connect provider. Its tokens are valid for five minutes unless claims are replaced. */
export interface IdentityProvider {
  readonly issuer: string;
  /** The tokens that the provider has signed with a published key. */
  readonly made: readonly string[];
  /** Issues a token. Claims that are `undefined` are left out. */
  token(claims: JWTPayload): Promise<string>;
  /** Returns a token that names the provider's key but is signed with another one. */
  forged(claims: JWTPayload): Promise<string>;
  unsigned(claims: JWTPayload): string;
  /** Switches to the next key, which has been published from the start. */
  rotate(): void;
  close(): Promise<void>;
}

/** Starts an identity provider that issues tokens for one audience. */
export async function startIdentityProvider(audience: string): Promise<IdentityProvider> {
  const [first, next, unpublished] = await Promise.all([newKey('first'), newKey('next'), newKey('first')]);
  let key = first;
  const server = await startLoopbackServer({ port: 0 }, async ({ url }, response) => {
    const { url: issuer } = server;
    const body = url === '/keys' ? { keys: [first.jwk, next.jwk] } : { issuer, jwks_uri: `${issuer}/keys` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const filled = (claims: JWTPayload): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: server.url, aud: audience, iat: now, exp: now + 300, ...claims };
  };
  const signed = (claims: JWTPayload, { kid, privateKey }: SigningKey) =>
    new SignJWT(filled(claims)).setProtectedHeader({ alg: ALGORITHM, kid }).sign(privateKey);
  const made: string[] = [];
  return {
    issuer: server.url,
    made,
    token: async (claims) => {
      const token = await signed(claims, key);
      made.push(token);
      return token;
    },
    forged: (claims) => signed(claims, unpublished),
    unsigned: (claims) => new UnsecuredJWT(filled(claims)).encode(),
    rotate: () => {
      key = next;
    },
    close: () => server.close(),
  };
}

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: object;
}

async function newKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' } };
}
