import { acceptsBearerTokens } from './read-config.ts';
import { open, type Route, signed } from './route.ts';

/**
 * Returns a route for callers that sign with IAM, and the same route for bearer tokens, which the function itself
 * verifies.
 */
export function forTenants<Name extends string>(
  method: Route['method'],
  path: Route['path'],
  name: Name,
): readonly Route<Name>[] {
  return [signed(method, path, name), { ...open(method, `/oidc${path}`, name), when: acceptsBearerTokens }];
}
