import { type Html, html } from './html.ts';
import type { Messages } from './messages.ts';

/**
 * Shows the progress of a form. It is empty until the page's script fills it in, and screen readers announce it. The
 * words are in attributes; without scripts nobody reads them.
 */
export function sendingStatus({ progress: { send } }: Messages): Html {
  return html`<p role="status" data-button="${send.button}" data-working="${send.status}"></p>`;
}

/** Shows the same for the form that downloads, after which the page stays. */
export function downloadStatus({ progress }: Messages): Html {
  return html`<p role="status" ${wordsOf(progress.download)}></p>`;
}

/** Shows the same for one of several files. */
export function fileStatus({ collection }: Messages): Html {
  // In the card of a file, paragraphs are names.
  return html`<div role="status" ${wordsOf(collection.progress)}></div>`;
}

function wordsOf({ button, status, started }: Messages['progress']['download']): Html {
  return html`data-button="${button}" data-working="${status}" data-started="${started}"`;
}
