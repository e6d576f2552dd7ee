import { type Html, html } from './html.ts';
import type { Messages } from './messages.ts';

/**
 * Where a form says how its sending goes: empty until the page's script fills it in, and announced to who listens to
 * the page. The words stand in attributes; without scripts nobody reads them.
 */
export function sendingStatus({ progress: { send } }: Messages): Html {
  return html`<p role="status" data-button="${send.button}" data-working="${send.status}"></p>`;
}

/** The same for the form that downloads, after which the page stays. */
export function downloadStatus({ progress: { download } }: Messages): Html {
  return html`<p role="status" data-button="${download.button}" data-working="${download.status}" data-started="${download.started}"></p>`;
}
