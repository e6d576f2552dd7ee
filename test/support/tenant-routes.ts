import { deployedWith } from '../../lib/capabilities.ts';
import { readConfig } from '../../lib/read-config.ts';
import type { Route } from '../../lib/route.ts';

/* The routes of the stack on which a tenant could try somebody else's IDs. */

/** The IDs of an upload and of an upload link, by the names of path parameters. */
export interface Ids {
  readonly uploadId: string;
  readonly objectId: string;
  readonly linkId: string;
}

export const AUDIENCE = 'files';
export const CLAIM = 'org';

/** Returns the deploy options with which the API accepts a provider's tokens. */
export const optionsFor = (issuer: string) => ({
  oidcIssuer: issuer,
  oidcAudience: AUDIENCE,
  oidcTenantClaim: CLAIM,
});

const ROUTES: readonly Route[] = deployedWith(
  readConfig({ senderEmail: 'files@example.org', ...optionsFor('https://login.example.org') }),
).routes;

/**
 * Every route with the ID of a tenant's upload, object, or upload link in its path, and the function that handles it.
 * Routes for operators, and routes for the links of `POST /links`, are left out.
 */
export const TENANT_ROUTES: Readonly<Record<string, string>> = Object.fromEntries(
  ROUTES.filter(
    ({ path }) => path.includes('{') && !path.startsWith('/operator') && !path.includes('{tokenId}'),
  ).map(({ method, path, function: name }) => [`${method} ${path}`, name]),
);

const ZEROS = '0'.repeat(31);

/** IDs that do not exist. */
export const NOBODYS: Ids = { uploadId: `c${ZEROS}`, objectId: `d${ZEROS}`, linkId: `e${ZEROS}` };

/** Returns the path of a route with IDs filled in. @throws Error if an ID is missing */
export function pathOf(route: string, ids: Partial<Ids> = {}): string {
  return route.replace(/^\S+ /, '').replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const id: unknown = { ...ids }[name as keyof Ids];
    if (typeof id !== 'string') throw new Error(`${route} needs a value for ${name}`);
    return id;
  });
}

export const methodOf = (route: string) => route.split(' ', 1)[0] as 'GET' | 'POST' | 'DELETE';

/** Returns the body that a route requires before it checks the ID. */
export function bodyOf(route: string): object | undefined {
  if (/^POST .*\/parts$/.test(route)) return { partNumbers: [1] };
  return route.endsWith('/extend') ? { expiresIn: 600 } : undefined;
}
