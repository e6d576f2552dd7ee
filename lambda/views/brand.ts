import { legibleAccent } from './accent.ts';
import { type Html, html } from './html.ts';

/** Holds the brand of pages and mails, as far as the operator has set it. */
export interface Brand {
  readonly name?: string | undefined;
  /** As `#rrggbb`. The color shown is the closest one that is legible. */
  readonly accent?: string | undefined;
  /** An image as a data URI; on pages only, because mail programs do not show such images. */
  readonly logo?: string | undefined;
  /** The support e-mail address. */
  readonly supportAddress?: string | undefined;
  /** The URL of the imprint. */
  readonly imprint?: string | undefined;
}

/** The brand of a deployment that sets none: our own name, color, and logo are used. */
export const UNBRANDED: Brand = {};

/** The accent of mails and of the pages' icon. It must be legible on white, and white must be legible on it. */
const OWN_ACCENT = '#0a6650';

/** Returns the accent as shown on white. */
export function accentOnWhite({ accent }: Brand): string {
  return accent === undefined ? OWN_ACCENT : legibleAccent(accent, 'light').accent;
}

/**
 * Returns the style sheet that replaces our own accent with the operator's, in both color schemes. It is a style sheet
 * of its own, so that the shared one stays the same for everyone.
 *
 * @returns `undefined` if the brand has no accent
 */
export function brandStyle({ accent }: Brand): Html | undefined {
  if (accent === undefined) return undefined;
  const light = legibleAccent(accent, 'light');
  const dark = legibleAccent(accent, 'dark');
  return html`:root{--accent:${light.accent};--tint:${light.tint}}@media(prefers-color-scheme:dark){:root{--accent:${dark.accent};--on-accent:#0e1412;--tint:${dark.tint}}}`;
}
