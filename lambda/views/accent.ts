/*
 * Makes the operator's color legible. Colors are `#rrggbb` in sRGB; luminance and contrast are defined as in WCAG 2.2
 * ("relative luminance", "contrast ratio").
 */

/** Backgrounds behind the accent color in one color scheme. They match those in style.ts. */
interface Backdrop {
  readonly page: string;
  readonly card: string;
  /** Color that an illegible accent is mixed with. */
  readonly towards: string;
  /** Share of the accent in the background of a file's box, from 0 to 1. */
  readonly tint: number;
}

export const BACKDROPS = {
  light: { page: '#f3f6f5', card: '#ffffff', towards: '#000000', tint: 0.09 },
  dark: { page: '#0e1412', card: '#171f1c', towards: '#ffffff', tint: 0.1 },
} as const satisfies Record<string, Backdrop>;

export type Scheme = keyof typeof BACKDROPS;

/** Accent color, and background of a file's box, in one color scheme. */
export interface Accent {
  readonly accent: string;
  readonly tint: string;
}

/** Minimum contrast of text (WCAG 2.2, success criterion 1.4.3, level AA). */
const LEGIBLE = 4.5;

/**
 * Returns `color`, mixed with just enough black or white to be legible on every background of a scheme. Text on it is
 * legible too: the text is white in the light scheme, and has the page's background color in the dark one.
 *
 * @param color `#rrggbb`
 */
export function legibleAccent(color: string, scheme: Scheme): Accent {
  const { page, card, towards, tint } = BACKDROPS[scheme];
  for (let percent = 0; ; percent += 1) {
    const accent = mix(color, towards, percent / 100);
    const tinted = mix(card, accent, tint);
    const legible = [page, card, tinted].every((behind) => contrast(accent, behind) >= LEGIBLE);
    // At 100 percent, the accent is black or white, which is legible on every background.
    if (legible || percent === 100) return { accent, tint: tinted };
  }
}

/** Returns the contrast ratio of two colors, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color)
    .map((channel) => channel / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(one: string, other: string, share: number): string {
  const others = channels(other);
  return `#${channels(one)
    .map((channel, index) => Math.round(channel + ((others[index] ?? 0) - channel) * share))
    .map((channel) => channel.toString(16).padStart(2, '0'))
    .join('')}`;
}

function channels(color: string): readonly number[] {
  return [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
}
