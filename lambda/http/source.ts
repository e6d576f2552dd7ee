import ipaddr from 'ipaddr.js';

const V6_NETWORK_BITS = 64;

/**
 * Returns the source that a request is counted under, in canonical form: an IPv4 address or, for IPv6, the /64 that a
 * household gets (RFC 6177).
 *
 * @returns `undefined` for an invalid address. API Gateway sends one only for `test-invoke-method`, which requires AWS
 *   credentials.
 */
export function countedSource(sourceAddress: string): string | undefined {
  if (!ipaddr.isValid(sourceAddress)) return undefined;
  const address = ipaddr.process(sourceAddress);
  if (address.kind() === 'ipv4') return address.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/${V6_NETWORK_BITS}`).toString();
}
