import type { Config } from './config.ts';

/** Describes one route of the API, and which of its capability's functions answers it. */
export interface Route<FunctionName extends string = string> {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE' | 'OPTIONS';
  readonly path: `/${string}`;
  readonly function: FunctionName;
  /** `iam`: API Gateway lets only signed callers through. `none`: anyone may call it. */
  readonly auth: 'none' | 'iam';
  /**
   * The requests a second and the burst that this route accepts. Everybody shares them: a throttle bounds what a flood
   * costs, but does not stop one host from using all of it, so that others get 429. A limit for each address needs a web
   * ACL (option webAclArn). API Gateway applies throttles on a best-effort basis ("Throttle requests to your REST
   * APIs").
   */
  readonly throttle: Throttle;
  /**
   * `stream`: bytes go out as the function writes them, without a size limit. If left out, an answer goes out whole.
   */
  readonly transfer?: 'stream';
  /** Tells whether a deployment has the route. @default whenever it has the capability */
  readonly when?: (config: Config) => boolean;
}

export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/** The throttle of a route without special needs. */
export const USUAL_THROTTLE: Throttle = { rate: 50, burst: 100 };
