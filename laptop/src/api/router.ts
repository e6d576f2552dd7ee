import type { ApiRoute } from './read-api.ts';

/** The route that a request matches, with the path parameters before decoding. */
export interface RouteMatch {
  readonly route: ApiRoute;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Matches a request to a route as API Gateway does, without decoding the path. A trailing slash is ignored. Literal
 * segments win over parameters, and parameters over greedy parameters.
 */
export function matchRoute(
  routes: readonly ApiRoute[],
  method: string,
  path: string,
): RouteMatch | undefined {
  const segments = segmentsOf(path);
  const matches = routes
    .filter((route) => route.method === method || route.method === 'ANY')
    .map((route) => ({ route, pathParameters: matchSegments(segmentsOf(route.resourcePath), segments) }))
    .filter((match): match is RouteMatch => match.pathParameters !== undefined);
  return matches.toSorted((left, right) => compareSpecificity(left.route, right.route))[0];
}

const segmentsOf = (path: string): readonly string[] => path.replace(/\/+$/, '').split('/').slice(1);

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const parameters: [string, string][] = [];
  for (const [index, part] of pattern.entries()) {
    const value = segments[index];
    if (value === undefined || value === '') return undefined;
    const greedy = /^\{(.+)\+\}$/.exec(part)?.[1];
    if (greedy !== undefined)
      return Object.fromEntries([...parameters, [greedy, segments.slice(index).join('/')]]);
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name !== undefined) parameters.push([name, value]);
    else if (part !== value) return undefined;
  }
  return pattern.length === segments.length ? Object.fromEntries(parameters) : undefined;
}

/**
 * Compares two routes segment by segment: a literal comes before a parameter, a parameter before a greedy one. A named
 * method comes before `ANY`.
 */
function compareSpecificity(left: ApiRoute, right: ApiRoute): number {
  const rank = ({ resourcePath, method }: ApiRoute): string =>
    resourcePath
      .split('/')
      .map((part) => (part.endsWith('+}') ? '2' : part.startsWith('{') ? '1' : '0'))
      .join('') + (method === 'ANY' ? '1' : '0');
  return rank(left).localeCompare(rank(right));
}
