import type { Config } from './config.ts';

/** One route of the API, with the function that serves it. */
export interface Route<FunctionName extends string = string> {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE' | 'OPTIONS';
  readonly path: `/${string}`;
  readonly function: FunctionName;
  /** `iam`: only IAM callers may use the route. `none`: anyone may. */
  readonly auth: 'none' | 'iam';
  /**
   * The requests per second and the burst that this route accepts from everyone together. A throttle limits the cost of
   * a flood, but one host can use all of it, so that others get 429. A limit per address needs a web ACL (option
   * webAclArn). API Gateway applies throttles on a best-effort basis ("Throttle requests to your REST APIs").
   */
  readonly throttle: Throttle;
  /**
   * `stream`: API Gateway sends bytes as the function writes them, without a size limit.
   *
   * @default responses are buffered
   */
  readonly transfer?: 'stream';
  /** Whether a deployment has the route. @default whenever it has the capability */
  readonly when?: (config: Config) => boolean;
}

interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/** The throttle for routes without special needs. */
const USUAL_THROTTLE: Throttle = { rate: 50, burst: 100 };

/** Returns a route that anyone may call. */
export function open<Name extends string>(
  method: Route['method'],
  path: Route['path'],
  name: Name,
): Route<Name> {
  return { method, path, function: name, auth: 'none', throttle: USUAL_THROTTLE };
}

/** Returns a route for callers that sign with IAM. */
export function signed<Name extends string>(
  method: Route['method'],
  path: Route['path'],
  name: Name,
): Route<Name> {
  return { ...open(method, path, name), auth: 'iam' };
}
