import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Unavailable } from '../domain/errors.ts';
import type { Tenant } from '../domain/ids.ts';
import type { Clock } from '../domain/ports.ts';

const PORT = 'identity provider';

/** Identity provider, and the claims that its tokens must have. */
export interface OidcOptions {
  /** Exact `iss` of a token, and base URL of the provider's discovery document. */
  readonly issuer: string;
  /** Required `aud` of a token. */
  readonly audience: string;
  readonly tenantClaim: string;
  readonly clock: Clock;
  /** Timeout for requests to the provider, in milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Algorithms that sign with a private key. With symmetric algorithms, anyone who can verify a token could also forge
 * one.
 */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Longest token, in characters: more than API Gateway accepts in one header. */
const LONGEST_TOKEN = 10_240;

/** Tolerance for differences between the provider's clock and ours, in seconds. */
const CLOCK_TOLERANCE = 10;

/** Minimum time between two reads of the keys while those that were read before can still be used, in milliseconds. */
const READ_PAUSE_MS = 30_000;

/** Matches a tenant: visible ASCII, short enough for a table key. */
const TENANT = /^[!-~]{1,128}$/;

/** Key lookup errors that are caused by the token, not by the provider. */
const NO_KEY = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/**
 * Creates a function that verifies a bearer token from an OpenID Connect provider and returns its tenant, or
 * `undefined` if the token is not valid. It throws `Unavailable` if the provider's keys are needed but cannot be read.
 *
 * Keys are read for the first token, again when they are ten minutes old, and when a token names an unknown key.
 * Unknown keys cause at most one read every 30 s.
 *
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html
 */
export function oidcTenants(options: OidcOptions): (token: string) => Promise<Tenant | undefined> {
  const { issuer, audience, tenantClaim, clock, timeoutMs = 2000 } = options;
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const getKey: JWTVerifyGetKey = async (header, token) => {
    keys ??= discoverKeys(issuer, timeoutMs).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    try {
      return await (await keys)(header, token);
    } catch (error) {
      if (NO_KEY.some((kind) => error instanceof kind)) throw error;
      throw new Unavailable(PORT, error);
    }
  };
  return async (token) => {
    if (token.length > LONGEST_TOKEN) return undefined;
    try {
      const { payload } = await jwtVerify(token, getKey, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_TOLERANCE,
        currentDate: clock(),
      });
      const tenant = Object.hasOwn(payload, tenantClaim) ? payload[tenantClaim] : undefined;
      return typeof tenant === 'string' && TENANT.test(tenant) ? (`oidc:${tenant}` as Tenant) : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
}

/** Reads the provider's discovery document to find its keys. */
async function discoverKeys(issuer: string, timeoutMs: number): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const described: unknown = await response.json();
  if (!response.ok || !isDescription(described))
    throw new Error('The provider has no valid discovery document');
  if (described.issuer !== issuer) throw new Error('The discovery document names a different issuer');
  const url = new URL(described.jwks_uri);
  if (url.protocol !== new URL(issuer).protocol)
    throw new Error('The keys are served over a different protocol than the issuer');
  let readAt = Number.NEGATIVE_INFINITY;
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    // jose pauses only after a read that succeeded. Otherwise, anyone could use up a provider's rate limit with made-up
    // key IDs, and keep it used up until the known keys are too old.
    [customFetch]: async (...given) => {
      if (keys.fresh && Date.now() < readAt + READ_PAUSE_MS) throw new Error('The keys were read recently');
      readAt = Date.now();
      return await fetch(...given);
    },
  });
  return keys;
}

function isDescription(value: unknown): value is { readonly issuer: string; readonly jwks_uri: string } {
  return (
    typeof value === 'object' && value !== null && 'jwks_uri' in value && typeof value.jwks_uri === 'string'
  );
}
