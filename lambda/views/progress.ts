import { type Html, html } from './html.ts';
import type { Messages } from './messages.ts';

/**
 * Shows the progress of a form. The element is empty until the page's script fills it in, and screen readers then
 * announce its text. The texts are in attributes, so they are not shown without JavaScript.
 */
export function sendingStatus({ progress: { send } }: Messages): Html {
  return html`<p role="status" data-button="${send.button}" data-working="${send.status}"></p>`;
}

/** Shows the progress of a form that starts a download and leaves the page open. */
export function downloadStatus({ progress }: Messages): Html {
  return html`<p role="status" ${wordsOf(progress.download)}></p>`;
}

/** Shows the progress of downloading one of several files. */
export function fileStatus({ collection }: Messages): Html {
  // A `div`, because paragraphs on a file's card are styled as names.
  return html`<div role="status" ${wordsOf(collection.progress)}></div>`;
}

function wordsOf({ button, status, started }: Messages['progress']['download']): Html {
  return html`data-button="${button}" data-working="${status}" data-started="${started}"`;
}
