import { acceptsBearerTokens } from './read-config.ts';
import { type Route, USUAL_THROTTLE } from './route.ts';

/**
 * Returns a route for callers that sign with IAM, and the same route for bearer tokens, which the function itself
 * verifies.
 */
export function forTenants<Name extends string>(
  method: Route['method'],
  path: Route['path'],
  name: Name,
): readonly Route<Name>[] {
  const route = { method, function: name, throttle: USUAL_THROTTLE } as const;
  return [
    { ...route, path, auth: 'iam' },
    { ...route, path: `/oidc${path}`, auth: 'none', when: acceptsBearerTokens },
  ];
}
