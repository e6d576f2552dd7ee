import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** Header with the secret of the operator's reverse proxy. The proxy replaces this header in every request. */
const SECRET_HEADER = 'x-proxy-secret';

/** Header in which the proxy sends the client's address. It is trusted only together with the secret. */
const ADDRESS_HEADER = 'x-real-ip';

/** Shortest secret, in characters: 32 bytes in base64url. A shorter one could be guessed from its hash. */
const SHORTEST_SECRET = 43;

/**
 * Returns the client's address as sent by the trusted proxy.
 *
 * @param header returns the value of a header by its name in lower case
 * @param secretSha256 SHA-256 of the proxy's secret in hex; `undefined` if no proxy is trusted
 * @returns `undefined` if the request did not come through the proxy
 * @throws Error if the proxy sends no valid address, which means that the proxy is misconfigured. The proxy's own
 *   address is no substitute, because everyone behind it would share that address.
 */
export function addressFromProxy(
  header: (name: string) => string | undefined,
  secretSha256: string | undefined,
): string | undefined {
  if (secretSha256 === undefined || !isSecret(header(SECRET_HEADER), secretSha256)) return undefined;
  // A link-local address may have a zone (RFC 4007, section 11), which is meaningful only in the proxy's network.
  const [address = ''] = (header(ADDRESS_HEADER) ?? '').split('%', 1);
  if (isIP(address) === 0) throw new Error('The trusted proxy sent no valid address in X-Real-IP');
  return address;
}

/** Returns whether the given text is the proxy's secret. Hashes are compared in constant time. */
function isSecret(given: string | undefined, secretSha256: string): boolean {
  if (given === undefined || given.length < SHORTEST_SECRET) return false;
  return timingSafeEqual(createHash('sha256').update(given).digest(), Buffer.from(secretSha256, 'hex'));
}
