import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { addressFromProxy } from '../../../lambda/http/trusted-proxy.ts';

const SECRET = 's'.repeat(43);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const addressIn = (headers: Readonly<Record<string, string>>, secretSha256?: string) =>
  addressFromProxy((name) => headers[name], secretSha256);

describe('the address from the trusted proxy', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['fe80::7%eth0', 'fe80::7'],
  ])('is the X-Real-IP that the proxy sends: %s', (said, address) => {
    const headers = { 'x-proxy-secret': SECRET, 'x-real-ip': said };
    expect(addressIn(headers, sha256(SECRET))).toBe(address);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['no secret', {}],
    ['an empty secret', { 'x-proxy-secret': '' }],
    ['another secret', { 'x-proxy-secret': 't'.repeat(43) }],
    ['the hash of the secret', { 'x-proxy-secret': sha256(SECRET) }],
    ['the secret followed by one more character', { 'x-proxy-secret': `${SECRET}s` }],
    [
      'two secrets, as sent by a proxy that appends its header to an existing one',
      { 'x-proxy-secret': `x, ${SECRET}` },
    ],
  ])('is ignored if the request has %s', (_what, headers) => {
    expect(addressIn({ ...headers, 'x-real-ip': '192.0.2.7' }, sha256(SECRET))).toBeUndefined();
  });

  test('is ignored if no proxy is trusted', () => {
    expect(addressIn({ 'x-proxy-secret': SECRET, 'x-real-ip': '192.0.2.7' })).toBeUndefined();
  });

  test('is ignored if the secret is short enough to be guessed from its hash', () => {
    const headers = { 'x-proxy-secret': 'hunter2', 'x-real-ip': '192.0.2.7' };
    expect(addressIn(headers, sha256('hunter2'))).toBeUndefined();
  });

  test.each(['', 'unknown', 'unix:', '192.0.2.7, 192.0.2.8', '192.0.2.7:4711', 'for=192.0.2.7'])(
    'must be a single address, not %p',
    (said) => {
      const headers = { 'x-proxy-secret': SECRET, 'x-real-ip': said };
      expect(() => addressIn(headers, sha256(SECRET))).toThrow('X-Real-IP');
      expect(() => addressIn({ 'x-proxy-secret': SECRET }, sha256(SECRET))).toThrow('X-Real-IP');
    },
  );
});
