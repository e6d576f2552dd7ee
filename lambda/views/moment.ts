import type { EpochSeconds } from '../domain/ids.ts';
import { timestamp } from '../domain/timestamp.ts';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import type { Messages } from './messages.ts';

/** Returns a time as an element that people and machines can read. */
export function momentElement(at: EpochSeconds, messages: Messages): Html {
  return html`<time datetime="${timestamp(at)}">${formatMoment(at, messages)}</time>`;
}
