import type { TokenId } from '../domain/ids.ts';
import { SECOND_CHANCE_SECONDS } from '../domain/second-chance.ts';
import type { ApiRequest } from './request.ts';

/**
 * Returns the name of a token's cookie. Browsers accept a cookie whose name begins with `__Host-` only over HTTPS or
 * from localhost, and send it only to the host that set it (RFC 6265bis, section 4.1.3.2).
 */
const nameOf = (tokenId: TokenId) => `__Host-tvm-${tokenId}`;

/** Returns the header that stores the redeemer's secret in the browser, hidden from scripts and from other sites. */
export function secretCookie(tokenId: TokenId, secret: string | undefined): Readonly<Record<string, string>> {
  if (secret === undefined) return {};
  const terms = `Max-Age=${SECOND_CHANCE_SECONDS}; Path=/; Secure; HttpOnly; SameSite=Strict`;
  return { 'Set-Cookie': `${nameOf(tokenId)}=${secret}; ${terms}` };
}

/** Returns the redeemer's secret for a token, if the request contains it. */
export function secretIn(request: Pick<ApiRequest, 'header'>, tokenId: TokenId): string | undefined {
  const start = `${nameOf(tokenId)}=`;
  // HTTP/2 may split the header (RFC 9113, section 8.2.3); the parts arrive joined by commas.
  const cookies = (request.header('cookie') ?? '').split(/[;,]/).map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(start))?.slice(start.length);
}
