import type { Refusal } from '../domain/errors.ts';
import type { Tenant } from '../domain/ids.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { tenantOf } from '../domain/uploads/upload.ts';
import type { Reply } from './api-handler.ts';
import { refuseProgram } from './refuse-program.ts';
import { type ApiRequest, callerOf } from './request.ts';

/**
 * Verifies a bearer token from the identity provider.
 *
 * @returns the tenant that the token was issued for; `undefined` if the token is not valid
 * @throws Unavailable if the provider's keys cannot be read
 */
export type VerifyBearer = (token: string) => Promise<Tenant | undefined>;

type TenantRoute = (request: ApiRequest, tenant: Tenant) => Promise<Reply>;

const OIDC = '/oidc';

/** Matches bearer credentials (RFC 6750, section 2.1). */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * Mounts the tenants' routes twice: for signed requests, and under `/oidc` for requests with a token from the identity
 * provider. The tenant is always taken from the verified identity.
 *
 * @param verify absent if the deployment has no identity provider
 */
export function tenantRoutes(
  routes: Readonly<Record<string, TenantRoute>>,
  verify: VerifyBearer | undefined,
): Readonly<Record<string, (request: ApiRequest) => Promise<Reply>>> {
  const mounted = Object.entries(routes).flatMap(([name, route]) => {
    const signed = [name, withTenant(signedTenant, route)] as const;
    if (verify === undefined) return [signed];
    const borne = (request: ApiRequest) => bearingTenant(request, verify);
    return [signed, [name.replace(' ', ` ${OIDC}`), withTenant(borne, route)] as const];
  });
  return Object.fromEntries(mounted);
}

type Identify = (request: ApiRequest) => Promise<Result<Tenant, Refusal>>;

const withTenant = (identify: Identify, route: TenantRoute) => async (request: ApiRequest) => {
  const tenant = await identify(request);
  return tenant.ok ? await route(request, tenant.value) : refuseProgram(request, tenant.error);
};

const signedTenant: Identify = async (request) => ok(tenantOf(callerOf(request)));

async function bearingTenant(request: ApiRequest, verify: VerifyBearer): Promise<Result<Tenant, Refusal>> {
  const token = BEARER.exec(request.header('authorization') ?? '')?.[1];
  const tenant = token === undefined ? undefined : await verify(token);
  return tenant === undefined ? fail({ code: 'not_authenticated' }) : ok(tenant);
}
