import { describe, expect, test } from '@jest/globals';
import { BACKDROPS, contrast } from '../../../lambda/views/accent.ts';
import { render } from '../../../lambda/views/html.ts';
import { style } from '../../../lambda/views/style.ts';

const sheet = render(style);

/** The colours of a scheme by name: those of `:root`, overridden by those of the dark scheme where asked for. */
function colours(scheme: 'light' | 'dark'): Readonly<Record<string, string>> {
  const [light = '', dark = ''] = Array.from(sheet.matchAll(/:root\{([^}]*)\}/g), ([, body = '']) => body);
  const read = (body: string) =>
    Object.fromEntries(
      Array.from(body.matchAll(/--([\w-]+):(#[0-9a-f]+)/g), ([, name, value]) => [name, value]),
    );
  return scheme === 'light' ? read(light) : { ...read(light), ...read(dark) };
}

/** A colour with two digits a channel. */
function hex(colour = ''): string {
  return colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour;
}

describe.each(['light', 'dark'] as const)('the colours of the %s scheme', (scheme) => {
  const palette = colours(scheme);

  test('are those that an accent of the operator’s is held against', () => {
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
  ])('%s is legible on %s', (front, back, least) => {
    expect(contrast(hex(palette[front]), hex(palette[back]))).toBeGreaterThanOrEqual(least);
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
