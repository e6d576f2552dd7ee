import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { render } from '../../../lambda/views/html.ts';
import { pageSecurityPolicy, style } from '../../../lambda/views/style.ts';
import { everyPage } from './examples.ts';

const sheet = render(style);

describe('the security policy of pages', () => {
  test('allows nothing but the inlined style, images in the page, and forms that end here or at the bucket', () => {
    const hash = createHash('sha256').update(sheet).digest('base64');
    expect(pageSecurityPolicy('https://bucket.s3.eu-central-1.amazonaws.com').split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      'img-src data:',
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'self' https://bucket.s3.eu-central-1.amazonaws.com",
    ]);
  });

  test('names only the origin of the files, whatever else stands in their URL', () => {
    expect(pageSecurityPolicy('http://127.0.0.1:9000/bucket;x?y').endsWith(' http://127.0.0.1:9000')).toBe(
      true,
    );
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd'])(
    'refuses %s as the origin of files',
    (address) => {
      expect(() => pageSecurityPolicy(address)).toThrow('must be an http or https URL');
    },
  );

  test.each(everyPage)('names the hash of the very style that stands in the page: %s', (_name, page) => {
    const [, inlined = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
    const hash = createHash('sha256').update(inlined).digest('base64');
    expect(pageSecurityPolicy('https://files.example')).toContain(`'sha256-${hash}'`);
  });
});

/** The colours of a scheme by name: those of `:root`, overridden by those of the dark scheme where asked for. */
function colours(scheme: 'light' | 'dark'): Readonly<Record<string, string>> {
  const [light = '', dark = ''] = Array.from(sheet.matchAll(/:root\{([^}]*)\}/g), ([, body = '']) => body);
  const read = (body: string) =>
    Object.fromEntries(
      Array.from(body.matchAll(/--([\w-]+):(#[0-9a-f]+)/g), ([, name, value]) => [name, value]),
    );
  return scheme === 'light' ? read(light) : { ...read(light), ...read(dark) };
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((start) => Number.parseInt(digits.slice(start, start + 2), 16) / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio (WCAG 2.2). */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each(['light', 'dark'] as const)('the colours of the %s scheme', (scheme) => {
  const palette = colours(scheme);

  test.each([
    ['text', 'page', 7],
    ['text', 'card', 7],
    ['text', 'tint', 7],
    ['soft', 'page', 4.5],
    ['soft', 'card', 4.5],
    ['soft', 'tint', 4.5],
    ['accent', 'card', 4.5],
    ['on-accent', 'accent', 4.5],
    ['field', 'card', 3],
    ['accent', 'tint', 3],
  ])('%s is legible on %s', (front, back, least) => {
    expect(contrast(palette[front] ?? '', palette[back] ?? '')).toBeGreaterThanOrEqual(least);
  });
});

describe('the style sheet', () => {
  test('loads nothing', () => {
    expect(sheet).not.toMatch(/url\(|@import|@font-face|https?:/);
  });

  test('shows where the keyboard is', () => {
    expect(sheet).toMatch(/:focus-visible\{outline:3px solid/);
    expect(sheet).not.toMatch(/outline:(?:0|none)/);
  });
});
