import { legibleAccent } from './accent.ts';
import { type Html, html } from './html.ts';

/** Whose pages and mails these are, as far as the operator has said. */
export interface Brand {
  readonly name?: string | undefined;
  /** `#rrggbb`. Shown as near to it as legibility allows. */
  readonly accent?: string | undefined;
  /** An image as a data URI; on pages only, since mail programs do not show such images. */
  readonly logo?: string | undefined;
  /** The e-mail address of whoever helps. */
  readonly supportAddress?: string | undefined;
  /** The URL of the imprint. */
  readonly imprint?: string | undefined;
}

/** No name, colour or logo but our own. */
export const UNBRANDED: Brand = {};

/** The accent of mails and of the pages' icon: it stands on white, and white stands on it. */
const OWN_ACCENT = '#0a6650';

/** The accent as it stands on white. */
export function accentOnWhite({ accent }: Brand): string {
  return accent === undefined ? OWN_ACCENT : legibleAccent(accent, 'light').accent;
}

/**
 * The style that lays the operator's accent over our own, in both colour schemes. A style sheet of its own: the shared
 * one stays the same for everyone.
 *
 * @returns `undefined` where there is none to lay over
 */
export function brandStyle({ accent }: Brand): Html | undefined {
  if (accent === undefined) return undefined;
  const light = legibleAccent(accent, 'light');
  const dark = legibleAccent(accent, 'dark');
  return html`:root{--accent:${light.accent};--tint:${light.tint}}@media(prefers-color-scheme:dark){:root{--accent:${dark.accent};--on-accent:#0e1412;--tint:${dark.tint}}}`;
}
