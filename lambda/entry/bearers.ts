import { oidcTenants } from '../adapters/oidc-tokens.ts';
import type { VerifyBearer } from '../http/tenant.ts';
import { systemClock } from './systems.ts';

interface OidcEnvironment {
  readonly OIDC_ISSUER: string;
  readonly OIDC_AUDIENCE: string;
  readonly OIDC_TENANT_CLAIM: string;
}

/** Creates the verifier of the identity provider's tokens; returns `undefined` if the deployment has no provider. */
export function bearers({
  OIDC_ISSUER: issuer,
  OIDC_AUDIENCE: audience,
  OIDC_TENANT_CLAIM: tenantClaim,
}: OidcEnvironment): VerifyBearer | undefined {
  return issuer === '' ? undefined : oidcTenants({ issuer, audience, tenantClaim, clock: systemClock });
}
