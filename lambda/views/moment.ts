import type { EpochSeconds } from '../domain/ids.ts';
import { formatMoment, machineMoment } from './format.ts';
import { type Html, html } from './html.ts';
import type { Messages } from './messages.ts';

/** Returns a moment that people and machines can read. */
export function momentElement(at: EpochSeconds, messages: Messages): Html {
  return html`<time datetime="${machineMoment(at)}">${formatMoment(at, messages)}</time>`;
}
