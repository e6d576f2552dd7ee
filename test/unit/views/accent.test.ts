import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BACKDROPS, contrast, legibleAccent, type Scheme } from '../../../lambda/views/accent.ts';
import { accentOnWhite } from '../../../lambda/views/brand.ts';

const colours = fc
  .integer({ min: 0, max: 0xff_ff_ff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);

const SCHEMES = ['light', 'dark'] as const satisfies readonly Scheme[];
const TEXT = { light: '#16211d', dark: '#e7eeea' };
const SOFT = { light: '#4b5853', dark: '#a6b3ad' };
const ON_ACCENT = { light: '#ffffff', dark: '#0e1412' };

describe('contrast', () => {
  test.each([
    ['#000000', '#ffffff', 21],
    ['#777777', '#ffffff', 4.48],
    ['#0000ff', '#ffffff', 8.59],
    ['#123456', '#123456', 1],
  ])('of %s and %s is %d, whichever is in front', (one, other, ratio) => {
    expect(contrast(one, other)).toBeCloseTo(ratio, 2);
    expect(contrast(other, one)).toBeCloseTo(ratio, 2);
  });
});

describe.each(SCHEMES)('an accent in the %s scheme', (scheme) => {
  test('is legible wherever it stands, and so is what stands on it, whatever the operator chose', () => {
    const { page, card } = BACKDROPS[scheme];
    fc.assert(
      fc.property(colours, (colour) => {
        const { accent, tint } = legibleAccent(colour, scheme);
        for (const behind of [page, card, tint]) expect(contrast(accent, behind)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(ON_ACCENT[scheme], accent)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(TEXT[scheme], tint)).toBeGreaterThanOrEqual(7);
        expect(contrast(SOFT[scheme], tint)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  test('stays as it is where it is legible', () => {
    const colour = scheme === 'light' ? '#1a4f8b' : '#8fc1ff';
    expect(legibleAccent(colour, scheme).accent).toBe(colour);
  });
});

test('a yellow becomes a dark one on light pages, and stays itself on dark ones', () => {
  const light = legibleAccent('#ffb000', 'light').accent;
  expect(light).toMatch(/^#[89a][0-9a-f][4-7][0-9a-f]00$/);
  expect(legibleAccent('#ffb000', 'dark').accent).toBe('#ffb000');
});

test('the accent of mails is legible on white, with white on it', () => {
  fc.assert(
    fc.property(colours, (accent) => {
      expect(contrast(accentOnWhite({ accent }), '#ffffff')).toBeGreaterThanOrEqual(4.5);
    }),
  );
  expect(contrast(accentOnWhite({}), '#ffffff')).toBeGreaterThanOrEqual(4.5);
});
