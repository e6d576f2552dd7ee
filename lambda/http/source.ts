import ipaddr from 'ipaddr.js';

const V6_NETWORK_BITS = 64;

/**
 * Returns the network that a request counts under: an IPv4 address, or the /64 that one IPv6 household has (RFC 6177),
 * in one canonical spelling.
 *
 * @returns `undefined` for an invalid address, which API Gateway sends for `test-invoke-method` alone, whose callers
 *   have signed
 */
export function countedSource(sourceAddress: string): string | undefined {
  if (!ipaddr.isValid(sourceAddress)) return undefined;
  const address = ipaddr.process(sourceAddress);
  if (address.kind() === 'ipv4') return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/${V6_NETWORK_BITS}`).toString();
}
