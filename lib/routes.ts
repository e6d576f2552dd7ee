import type { FunctionName } from '../lambda/environment.ts';

/** Describes one route of the API. */
export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE' | 'OPTIONS';
  readonly path: `/${string}`;
  readonly function: FunctionName;
  /** `iam`: API Gateway lets only signed callers through. `none`: the public. */
  readonly auth: 'none' | 'iam';
  /** The requests a second and the burst that this route accepts. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /**
   * `stream`: bytes go out as the function writes them, without a size limit. If left out, an answer goes out whole.
   */
  readonly transfer?: 'stream';
}

/*
 * Limits a route's requests. Each route has its own throttle, and everybody shares it. It bounds what a flood costs. It
 * does not stop one host from using all of it, so that others get 429: a limit for each address needs a web ACL (option
 * webAclArn). API Gateway keeps to these figures as well as it can, and guarantees none ("Throttle requests to your
 * REST APIs").
 */
const PAGE = { rate: 50, burst: 100 };
const REDEEM = { rate: 100, burst: 400 };
const REQUEST = { rate: 50, burst: 100 };

/** Lists every route of the API. Nothing else answers. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/', function: 'pages', auth: 'none', throttle: PAGE },
  { method: 'GET', path: '/redeem', function: 'pages', auth: 'none', throttle: PAGE },
  { method: 'HEAD', path: '/redeem', function: 'pages', auth: 'none', throttle: PAGE },
  { method: 'POST', path: '/token', function: 'mint', auth: 'none', throttle: REQUEST },
  { method: 'OPTIONS', path: '/token', function: 'mint', auth: 'none', throttle: REQUEST },
  { method: 'POST', path: '/redeem', function: 'redeem', auth: 'none', throttle: REDEEM },
  { method: 'GET', path: '/download', function: 'redeem', auth: 'none', throttle: REDEEM },
  {
    method: 'POST',
    path: '/redeem/stream',
    function: 'stream',
    auth: 'none',
    throttle: REDEEM,
    transfer: 'stream',
  },
  {
    method: 'GET',
    path: '/download/stream',
    function: 'stream',
    auth: 'none',
    throttle: REDEEM,
    transfer: 'stream',
  },
  { method: 'POST', path: '/redeem/renew', function: 'renewals', auth: 'none', throttle: REQUEST },
  { method: 'POST', path: '/redeem/report', function: 'renewals', auth: 'none', throttle: REQUEST },
  { method: 'POST', path: '/links', function: 'links', auth: 'iam', throttle: REQUEST },
  { method: 'GET', path: '/links', function: 'links', auth: 'iam', throttle: REQUEST },
  { method: 'GET', path: '/links/{tokenId}', function: 'links', auth: 'iam', throttle: REQUEST },
  { method: 'DELETE', path: '/links/{tokenId}', function: 'links', auth: 'iam', throttle: REQUEST },
  // Everybody's links, for anyone whom IAM allows to call this: an operator. No pattern for `/links` matches these
  // paths, whatever its asterisks stand for.
  { method: 'GET', path: '/operator/tokens', function: 'links', auth: 'iam', throttle: REQUEST },
  { method: 'GET', path: '/operator/tokens/{tokenId}', function: 'links', auth: 'iam', throttle: REQUEST },
  { method: 'DELETE', path: '/operator/tokens/{tokenId}', function: 'links', auth: 'iam', throttle: REQUEST },
];
