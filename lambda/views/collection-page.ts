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
  /** The address of the page, which holds the token of the collection. */
  readonly address: string;
  /** The lifetime of the presigned URL. */
  readonly downloadSeconds: number;
  /** How long each file can be had again, in seconds; absent if it cannot. */
  readonly againSeconds?: number | undefined;
}

/**
 * Returns the page that shows the files of a collection, each with the one button that redeems it, or with how it ended.
 * Looking at it spends nothing; nothing submits itself.
 */
export function collectionPage(view: CollectionView, theme: LocalizedTheme = defaultTheme): string {
  const { messages } = theme;
  const { collection } = messages;
  const cards = view.files.map((file, index) => {
    const id = `file-${index + 1}`;
    return html`<div role="listitem">${fileCard(file.asset, messages, { id, below: below(view, file, id, messages) })}</div>\n`;
  });
  const isOver = view.files.every(({ standing }) => standing.state !== 'live');
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

/** Returns what follows a file: the form with its button, or how it ended. */
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
      const { again } = standing;
      const { lead, submit } = messages.problems.again;
      const redeemed = collection.redeemed(momentElement(standing.at, messages));
      if (again === undefined) return html`<div>${redeemed}</div>`;
      return html`<div>${redeemed} ${lead(momentElement(again.until, messages))}</div>
${button(origin, again.token, id, submit, messages)}`;
    }
    case 'revoked':
      return html`<div>${collection.revoked(momentElement(standing.at, messages))}</div>`;
    case 'gone':
      return html`<div>${collection.gone}</div>`;
  }
}

/** Returns the button of a file. All of them say the same, so each is described by the name of its file. */
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
