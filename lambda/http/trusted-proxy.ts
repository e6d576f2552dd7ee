import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** The header in which the operator's reverse proxy proves itself. The proxy overwrites it in every request. */
const SECRET_HEADER = 'x-proxy-secret';

/** The header in which the proxy says where a request comes from. It is believed only next to the secret. */
const ADDRESS_HEADER = 'x-real-ip';

/** The length of 32 bytes in base64url. A shorter secret could be guessed from its hash. */
const SHORTEST_SECRET = 43;

/**
 * Returns the address that a request comes from, in the words of the trusted proxy.
 *
 * @param header returns the value of a header by its name in lower case
 * @param secretSha256 the SHA-256 of the proxy's secret in hex; `undefined` if no proxy is trusted
 * @returns `undefined` if the request did not come through the proxy
 * @throws Error if the proxy names no address: its configuration is wrong, and its own address must not stand in for
 *   that of everyone behind it
 */
export function addressFromProxy(
  header: (name: string) => string | undefined,
  secretSha256: string | undefined,
): string | undefined {
  if (secretSha256 === undefined || !isSecret(header(SECRET_HEADER), secretSha256)) return undefined;
  // A link-local address comes with the zone of the proxy's network (RFC 4007, section 11), which nobody else knows.
  const [address = ''] = (header(ADDRESS_HEADER) ?? '').split('%', 1);
  if (isIP(address) === 0) throw new Error('The trusted proxy sent no valid address in X-Real-IP');
  return address;
}

/** Compares hashes in constant time. */
function isSecret(given: string | undefined, secretSha256: string): boolean {
  if (given === undefined || given.length < SHORTEST_SECRET) return false;
  return timingSafeEqual(createHash('sha256').update(given).digest(), Buffer.from(secretSha256, 'hex'));
}
