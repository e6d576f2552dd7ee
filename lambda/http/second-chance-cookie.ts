import type { TokenId } from '../domain/ids.ts';
import { SECOND_CHANCE_SECONDS } from '../domain/second-chance.ts';
import type { ApiRequest } from './request.ts';

/**
 * Names the cookie of a token. Browsers take a cookie whose name begins with `__Host-` only from this very host, over HTTPS or
 * from the machine itself, and send it to no other (RFC 6265bis, section 4.1.3.2).
 */
const nameOf = (tokenId: TokenId) => `__Host-tvm-${tokenId}`;

/** Returns the header that gives the redeemer's secret to the browser, which shows it to no script and to no other site. */
export function secretCookie(tokenId: TokenId, secret: string | undefined): Readonly<Record<string, string>> {
  if (secret === undefined) return {};
  const terms = `Max-Age=${SECOND_CHANCE_SECONDS}; Path=/; Secure; HttpOnly; SameSite=Strict`;
  return { 'Set-Cookie': `${nameOf(tokenId)}=${secret}; ${terms}` };
}

/** Returns the redeemer's secret for a token, if the request has one. */
export function secretIn(request: Pick<ApiRequest, 'header'>, tokenId: TokenId): string | undefined {
  const start = `${nameOf(tokenId)}=`;
  // HTTP/2 may split the header (RFC 9113, section 8.2.3), whose parts arrive joined by commas.
  const cookies = (request.header('cookie') ?? '').split(/[;,]/).map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(start))?.slice(start.length);
}
