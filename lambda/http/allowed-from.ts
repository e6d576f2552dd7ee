import { BlockList, isIP } from 'node:net';
import type { Cidr } from '../domain/ids.ts';

/**
 * Returns whether one of the networks contains the address. An IPv4-mapped IPv6 address counts as IPv4.
 *
 * @param sourceAddress the request's IP address. For `test-invoke-method`, API Gateway sends an invalid address, which no
 *   network contains.
 */
export function isAllowedFrom(networks: readonly Cidr[], sourceAddress: string): boolean {
  const version = isIP(sourceAddress);
  if (version === 0) return false;
  const spelling = version === 4 ? 'ipv4' : 'ipv6';
  const family = spelling === 'ipv4' || MAPPED.check(sourceAddress, spelling) ? 'ipv4' : 'ipv6';
  const allowed = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    // Without this check, an IPv6 network such as ::/0 would also contain the mapped IPv4 addresses.
    if ((isIP(address) === 4) === (family === 'ipv4')) allowed.addSubnet(address, Number(bits), family);
  }
  return allowed.check(sourceAddress, spelling);
}

/** IPv4-mapped IPv6 addresses (RFC 4291, section 2.5.5.2). */
const MAPPED = new BlockList();
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6');
