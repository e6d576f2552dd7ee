import { legibleAccent } from './accent.ts';
import { type Html, html } from './html.ts';

/** Brand of pages and e-mails. It has only the parts that the operator has set. */
export interface Brand {
  readonly name?: string | undefined;
  /** Color as `#rrggbb`. The closest legible color is shown. */
  readonly accent?: string | undefined;
  /** Image as a data URI. It is shown only on pages, because mail programs do not show such images. */
  readonly logo?: string | undefined;
  readonly supportAddress?: string | undefined;
  /** URL of the imprint. */
  readonly imprint?: string | undefined;
}

/** Brand of deployments that set none. They show our own name, color, and logo. */
export const UNBRANDED: Brand = {};

/** Accent of e-mails and of the pages' icon. It must be legible on white, and white must be legible on it. */
const OWN_ACCENT = '#0a6650';

/** Returns the accent for white backgrounds. */
export function accentOnWhite({ accent }: Brand): string {
  return accent === undefined ? OWN_ACCENT : legibleAccent(accent, 'light').accent;
}

/**
 * Returns the style sheet that replaces our accent with the operator's, in both color schemes. This style sheet is
 * separate, so that the shared one is the same in every deployment.
 *
 * @returns `undefined` if the brand has no accent
 */
export function brandStyle({ accent }: Brand): Html | undefined {
  if (accent === undefined) return undefined;
  const light = legibleAccent(accent, 'light');
  const dark = legibleAccent(accent, 'dark');
  return html`:root{--accent:${light.accent};--tint:${light.tint}}@media(prefers-color-scheme:dark){:root{--accent:${dark.accent};--on-accent:#0e1412;--tint:${dark.tint}}}`;
}
