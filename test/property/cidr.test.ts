import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Cidr } from '../../lambda/domain/ids.ts';
import { isAllowedFrom } from '../../lambda/http/allowed-from.ts';
import { parseCidr } from '../../lambda/http/cidr.ts';

const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });

const v4 = (parts: readonly number[]) => parts.join('.');
const v6 = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(':');
const bitsOf = (parts: readonly number[], width: number) =>
  parts.map((part) => part.toString(2).padStart(width, '0')).join('');

/** Returns the address with every bit beyond the prefix cleared. */
function masked(parts: readonly number[], width: number, bits: number): number[] {
  const kept = bitsOf(parts, width)
    .slice(0, bits)
    .padEnd(parts.length * width, '0');
  return parts.map((_, index) => Number.parseInt(kept.slice(index * width, (index + 1) * width), 2));
}

describe('networks', () => {
  test('an IPv4 network contains exactly the addresses that share its prefix', () => {
    fc.assert(
      fc.property(octets, octets, fc.nat(32), (network, address, bits) => {
        const cidr = parseCidr(`${v4(masked(network, 8, bits))}/${bits}`);
        if (cidr === undefined) throw new Error('The network was rejected');
        const same = bitsOf(network, 8).slice(0, bits) === bitsOf(address, 8).slice(0, bits);
        expect(isAllowedFrom([cidr], v4(address))).toBe(same);
        // The same address mapped to IPv6, as a dual-stack listener may report it.
        expect(isAllowedFrom([cidr], `::ffff:${v4(address)}`)).toBe(same);
      }),
    );
  });

  test('an IPv6 network contains exactly the addresses that share its prefix, and no IPv4 address', () => {
    const plain = groups.filter((parts) => parts.slice(0, 5).some((part) => part !== 0));
    fc.assert(
      fc.property(plain, plain, fc.integer({ min: 1, max: 128 }), octets, (network, address, bits, other) => {
        const cidr = parseCidr(`${v6(masked(network, 16, bits))}/${bits}`);
        fc.pre(cidr !== undefined);
        const same = bitsOf(network, 16).slice(0, bits) === bitsOf(address, 16).slice(0, bits);
        expect(isAllowedFrom([cidr as Cidr], v6(address))).toBe(same);
        expect(isAllowedFrom([cidr as Cidr], v4(other))).toBe(false);
      }),
    );
  });

  test('an IPv6 network contains no IPv4 address, however it is spelled', () => {
    for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '0:0:0:0:0:FFFF:c000:0201']) {
      expect([address, isAllowedFrom(['::/0' as Cidr], address)]).toEqual([address, false]);
      expect([address, isAllowedFrom(['192.0.2.0/24' as Cidr], address)]).toEqual([address, true]);
    }
  });

  test('a network has exactly one spelling', () => {
    expect(parseCidr('2001:DB8:0:0::/32')).toBe('2001:db8::/32');
    expect(parseCidr('0.0.0.0/0')).toBe('0.0.0.0/0');
    expect(parseCidr('::/0')).toBe('::/0');
    expect(parseCidr('203.0.113.7/32')).toBe('203.0.113.7/32');
  });

  test.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.1/8',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '10/8',
    '010.0.0.0/8',
    '0xa.0.0.0/8',
    '167772160/8',
    ' 10.0.0.0/8',
    '10.0.0.0/8 ',
    '10.0.0.0/255.0.0.0',
    '2001:db8::/129',
    '2001:db8::1/32',
    '::ffff:10.0.0.0/104',
    '::ffff:a00:0/104',
    'fe80::%eth0/64',
    'example.org/8',
    '[2001:db8::]/32',
  ])('the string "%s" is rejected as a network', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test('no network contains a string that is not an address', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^[\d.]+$|:/.test(text) && !/^0x/i.test(text));
        expect(isAllowedFrom(['0.0.0.0/0' as Cidr, '::/0' as Cidr], text)).toBe(false);
      }),
    );
  });

  test('any string is either rejected or parsed into a network, and parsing the network again returns it unchanged', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.ipV4().map((ip) => `${ip}/24`),
          fc.ipV6().map((ip) => `${ip}/64`),
        ),
        (text) => {
          const cidr = parseCidr(text);
          if (cidr !== undefined) expect(parseCidr(cidr)).toBe(cidr);
        },
      ),
    );
  });
});
