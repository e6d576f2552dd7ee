import { oidcTenants } from '../adapters/oidc-tokens.ts';
import type { Values } from '../environment/groups.ts';
import type { oidc } from '../environment/uploads.ts';
import type { VerifyBearer } from '../http/tenant.ts';
import { systemClock } from './systems.ts';

/** Creates the verifier of the identity provider's tokens; returns `undefined` if the deployment has no provider. */
export function bearers({
  OIDC_ISSUER: issuer,
  OIDC_AUDIENCE: audience,
  OIDC_TENANT_CLAIM: tenantClaim,
}: Values<typeof oidc>): VerifyBearer | undefined {
  return issuer === '' ? undefined : oidcTenants({ issuer, audience, tenantClaim, clock: systemClock });
}
