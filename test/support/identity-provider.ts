import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';

const ALGORITHM = 'ES256';

/** An OpenID Connect provider on this computer. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Makes a token that is valid for five minutes. @param claims replaces claims; `undefined` leaves one out */
  token(claims: JWTPayload): Promise<string>;
  /** Makes the same token without a signature. */
  unsigned(claims: JWTPayload): string;
  /** Signs with another key from now on, and publishes no other. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an identity provider whose tokens are for one audience. */
export async function startIdentityProvider(audience: string): Promise<IdentityProvider> {
  let rotations = 0;
  const newKey = async () => {
    rotations += 1;
    const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
    const kid = `key-${rotations}`;
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM } satisfies JWK };
  };
  let key = await newKey();
  const server = await startLoopbackServer({ port: 0 }, async ({ url }, response) => {
    const answer =
      url === '/keys' ? { keys: [key.jwk] } : { issuer: server.url, jwks_uri: `${server.url}/keys` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  const claimsOf = (claims: JWTPayload): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: server.url, aud: audience, iat: now, exp: now + 300, ...claims };
  };
  return {
    issuer: server.url,
    token: (claims) =>
      new SignJWT(claimsOf(claims)).setProtectedHeader({ alg: ALGORITHM, kid: key.kid }).sign(key.privateKey),
    unsigned: (claims) => new UnsecuredJWT(claimsOf(claims)).encode(),
    rotate: async () => {
      key = await newKey();
    },
    close: () => server.close(),
  };
}
