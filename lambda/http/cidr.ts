import ipaddr from 'ipaddr.js';
import type { Cidr } from '../domain/ids.ts';

/**
 * Parses a network in CIDR notation (RFC 4632, RFC 4291): `192.0.2.0/24`, `2001:db8::/32`. Parsing is strict, because a
 * misread network would let the wrong people in. IPv4 addresses need all four decimal parts. Bits beyond the prefix and
 * IPv4-mapped IPv6 are refused.
 *
 * @returns the network in canonical form; `undefined` for anything else
 */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', bits = '', ...more] = text.split('/');
  if (more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined;
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !isPlainV6(address)) return undefined;
  const parsed = ipaddr.parse(address);
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  if (Number(bits) > width) return undefined;
  const network =
    parsed.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(`${parsed}/${bits}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${bits}`);
  return network.toString() === parsed.toString() ? (`${network}/${bits}` as Cidr) : undefined;
}

function isPlainV6(address: string): boolean {
  if (!/^[0-9a-fA-F:]+$/.test(address) || !ipaddr.IPv6.isValid(address)) return false;
  return !ipaddr.IPv6.parse(address).isIPv4MappedAddress();
}
