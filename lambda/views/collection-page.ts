import type { Token } from '../domain/ids.ts';
import type { Collection, PresentedFile } from '../domain/present-collection.ts';
import type { PublicOrigin } from './addresses.ts';
import { fileCard } from './file-card.ts';
import { formatDuration } from './format.ts';
import { type Html, html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import type { Messages } from './messages.ts';
import { momentElement } from './moment.ts';
import { fileStatus } from './progress.ts';

export interface CollectionView extends Collection {
  readonly origin: PublicOrigin;
  /** URL of the page. It contains the collection's token. */
  readonly address: string;
  /** Lifetime of the presigned URL, in seconds. */
  readonly downloadSeconds: number;
  /** Duration of each file's second chance, in seconds; absent if there is none. */
  readonly againSeconds?: number | undefined;
}

/**
 * Returns the page with a collection's files. Each has a button that redeems its link, or a text that says how the link
 * ended. Opening the page spends nothing, and nothing is submitted automatically.
 */
export function collectionPage(view: CollectionView, theme: LocalizedTheme = defaultTheme): string {
  const { messages } = theme;
  const { collection } = messages;
  const cards = view.files.map((file, index) => {
    const id = `file-${index + 1}`;
    return html`<div role="listitem">${fileCard(file.asset, messages, { id, below: below(view, file, id, messages) })}</div>\n`;
  });
  const isOver = !view.files.some(({ standing }) => standing.state === 'live' || 'again' in standing);
  const head = isOver ? collection.over : collection;
  return layOut(
    {
      title: head.title,
      words: { product: messages.product, footer: collection.footer },
      main: html`<p>${head.lead}</p>
<div role="list">
${cards}</div>
${isOver ? undefined : goodToKnow(view, messages)}`,
    },
    theme,
  );
}

/** Returns the part below a file: a form with a button, or a text that says how the file's link ended. */
function below(
  { origin }: CollectionView,
  { standing }: PresentedFile,
  id: string,
  messages: Messages,
): Html {
  const { collection } = messages;
  switch (standing.state) {
    case 'live':
      return button(origin, standing.token, id, collection.submit, messages);
    case 'redeemed': {
      const { at, again } = standing;
      const form = again && button(origin, again.token, id, messages.problems.again.submit, messages);
      return html`<div>${collection.redeemed(momentElement(at, messages))}</div>${form}`;
    }
    case 'revoked':
      return html`<div>${collection.revoked(momentElement(standing.at, messages))}</div>`;
    case 'gone':
      return html`<div>${collection.gone}</div>`;
  }
}

/**
 * Returns the button of a file. Several buttons can have the same label, so each is described by the name of its file.
 */
function button(origin: PublicOrigin, token: Token, id: string, label: string, messages: Messages): Html {
  return html`<form method="post" action="${origin}/redeem">
<input type="hidden" name="token" value="${token}" autocomplete="off">
<button type="submit" aria-describedby="${id}">${label}</button>
${fileStatus(messages)}
</form>`;
}

function goodToKnow(view: CollectionView, messages: Messages): Html {
  const { record, files, address, downloadSeconds, againSeconds } = view;
  const { confirm, collection, locale } = messages;
  const startWithin = formatDuration(downloadSeconds, locale);
  const until = momentElement(record.expiresAt, messages);
  const askSender = html`${confirm.askSender}`;
  const breaksOff =
    againSeconds !== undefined
      ? confirm.breaksOffAgain(formatDuration(againSeconds, locale), askSender)
      : record.delivery === 'redirect'
        ? confirm.breaksOff(startWithin, askSender)
        : confirm.breaksOffStream(askSender);
  return html`<section>
<h2>${confirm.goodToKnow}</h2>
<ul>
<li>${collection.once}</li>
<li>${collection.starts} ${collection.left(address)}</li>
<li>${collection.linkWorksUntil(until)}</li>
<li>${breaksOff}</li>
${files.some(({ asset }) => asset.sha256 !== undefined) ? html`<li>${collection.checksum}</li>\n` : undefined}</ul>
</section>`;
}
