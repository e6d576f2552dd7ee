import { describe, expect, test } from '@jest/globals';
import { BACKDROPS, contrast } from '../../../lambda/views/accent.ts';
import { render } from '../../../lambda/views/html.ts';
import { style } from '../../../lambda/views/style.ts';

const sheet = render(style);

/** Returns the colors of a scheme by name. Dark colors override the light ones of the same name. */
function colors(scheme: 'light' | 'dark'): Readonly<Record<string, string>> {
  const [light = '', dark = ''] = Array.from(sheet.matchAll(/:root\{([^}]*)\}/g), ([, body = '']) => body);
  const read = (body: string) =>
    Object.fromEntries(
      Array.from(body.matchAll(/--([\w-]+):(#[0-9a-f]+)/g), ([, name, value]) => [name, value]),
    );
  return scheme === 'light' ? read(light) : { ...read(light), ...read(dark) };
}

/** Expands a three-digit color to six digits. */
function hex(color = ''): string {
  return color.length === 4 ? color.replace(/[0-9a-f]/g, '$&$&') : color;
}

describe.each(['light', 'dark'] as const)('the colors of the %s scheme', (scheme) => {
  const palette = colors(scheme);

  test("a brand's accent is checked against the style sheet's backgrounds", () => {
    const { page, card } = palette;
    const { page: backdropPage, card: backdropCard } = BACKDROPS[scheme];
    expect([page, card?.replace(/^#fff$/, '#ffffff')]).toEqual([backdropPage, backdropCard]);
  });

  test.each([
    ['text', 'page', 7],
    ['text', 'card', 7],
    ['text', 'tint', 7],
    ['soft', 'page', 4.5],
    ['soft', 'card', 4.5],
    ['soft', 'tint', 4.5],
    ['accent', 'card', 4.5],
    ['accent', 'page', 4.5],
    ['on-accent', 'accent', 4.5],
    ['field', 'card', 3],
    ['accent', 'tint', 3],
  ])('the contrast of %s on %s is at least %d', (front, back, least) => {
    expect(contrast(hex(palette[front]), hex(palette[back]))).toBeGreaterThanOrEqual(least);
  });
});

describe('the style sheet', () => {
  test('the style sheet loads nothing', () => {
    expect(sheet).not.toMatch(/url\(|@import|@font-face|https?:/);
  });

  test('the style sheet outlines the element that has the focus', () => {
    expect(sheet).toMatch(/:focus-visible\{outline:3px solid/);
    expect(sheet).not.toMatch(/outline:(?:0|none)/);
  });
});
