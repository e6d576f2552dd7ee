import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BACKDROPS, contrast, legibleAccent, type Scheme } from '../../../lambda/views/accent.ts';
import { accentOnWhite } from '../../../lambda/views/brand.ts';

const colors = fc
  .integer({ min: 0, max: 0xff_ff_ff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);

const SCHEMES = ['light', 'dark'] as const satisfies readonly Scheme[];
const TEXT = { light: '#16211d', dark: '#e7eeea' };
const SOFT = { light: '#4b5853', dark: '#a6b3ad' };
const ON_ACCENT = { light: '#ffffff', dark: '#0e1412' };

describe('the contrast of two colors', () => {
  test.each([
    ['#000000', '#ffffff', 21],
    ['#777777', '#ffffff', 4.48],
    ['#0000ff', '#ffffff', 8.59],
    ['#123456', '#123456', 1],
  ])('the contrast of %s and %s is %d, in either order', (one, other, ratio) => {
    expect(contrast(one, other)).toBeCloseTo(ratio, 2);
    expect(contrast(other, one)).toBeCloseTo(ratio, 2);
  });
});

describe.each(SCHEMES)('an accent in the %s scheme', (scheme) => {
  test('every accent is legible on every background, and text is legible on every accent', () => {
    const { page, card } = BACKDROPS[scheme];
    fc.assert(
      fc.property(colors, (color) => {
        const { accent, tint } = legibleAccent(color, scheme);
        for (const behind of [page, card, tint]) expect(contrast(accent, behind)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(ON_ACCENT[scheme], accent)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(TEXT[scheme], tint)).toBeGreaterThanOrEqual(7);
        expect(contrast(SOFT[scheme], tint)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  test('a legible accent is not changed', () => {
    const color = scheme === 'light' ? '#1a4f8b' : '#8fc1ff';
    expect(legibleAccent(color, scheme).accent).toBe(color);
  });
});

test('a yellow accent is darkened on light pages and unchanged on dark ones', () => {
  const light = legibleAccent('#ffb000', 'light').accent;
  expect(light).toMatch(/^#[89a][0-9a-f][4-7][0-9a-f]00$/);
  expect(legibleAccent('#ffb000', 'dark').accent).toBe('#ffb000');
});

test('the accent of an e-mail has enough contrast with white, as text and as background', () => {
  fc.assert(
    fc.property(colors, (accent) => {
      expect(contrast(accentOnWhite({ accent }), '#ffffff')).toBeGreaterThanOrEqual(4.5);
    }),
  );
  expect(contrast(accentOnWhite({}), '#ffffff')).toBeGreaterThanOrEqual(4.5);
});
