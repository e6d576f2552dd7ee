import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { brandStyle } from '../../../lambda/views/brand.ts';
import { type Html, render } from '../../../lambda/views/html.ts';
import { script } from '../../../lambda/views/script.ts';
import { pageSecurityPolicy } from '../../../lambda/views/security-policy.ts';
import { style } from '../../../lambda/views/style.ts';
import { everyPageIn, themes } from './examples.ts';

const BUCKET = 'https://bucket.s3.eu-central-1.amazonaws.com';
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const hash = (text: Html) => hashOf(render(text));

describe('the security policy of pages', () => {
  test('the policy allows only the inlined style and script, data images, and forms to this service or the bucket', () => {
    expect(pageSecurityPolicy(BUCKET, {}).split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hash(style)}`,
      `script-src ${hash(script)}`,
      'img-src data:',
      "base-uri 'none'",
      "frame-ancestors 'none'",
      `form-action 'self' ${BUCKET}`,
    ]);
  });

  test('a brand adds nothing to the policy but the style of its accent', () => {
    const own = pageSecurityPolicy(BUCKET, {}).split('; ');
    const accent = brandStyle({ accent: '#336699' });
    if (accent === undefined) throw new Error('an accent has a style');
    const branded = pageSecurityPolicy(BUCKET, { accent: '#336699', name: 'Acme' }).split('; ');
    expect(branded[1]).toBe(`${own[1]} ${hash(accent)}`);
    expect(branded.toSpliced(1, 1)).toEqual(own.toSpliced(1, 1));
  });

  test('the policy names only the origin of the file URL', () => {
    expect(
      pageSecurityPolicy('http://127.0.0.1:9000/bucket;x?y', {}).endsWith(' http://127.0.0.1:9000'),
    ).toBe(true);
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd'])(
    'pageSecurityPolicy() rejects %s as the URL of the files',
    (address) => {
      expect(() => pageSecurityPolicy(address, {})).toThrow('must be an http or https URL');
    },
  );

  test.each(themes)(
    'the policy has the hash of every style and script in every page (%s)',
    (_name, theme) => {
      const policy = pageSecurityPolicy(BUCKET, theme.brand);
      for (const [, page] of everyPageIn(theme)) {
        const inlined = Array.from(
          page.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g),
          ([, , text = '']) => text,
        );
        expect(inlined).toHaveLength(theme.brand.accent === undefined ? 2 : 3);
        for (const text of inlined) expect(policy).toContain(hashOf(text));
      }
    },
  );
});
