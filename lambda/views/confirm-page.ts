import { epochSeconds } from '../domain/ids.ts';
import type { TokenRecord } from '../domain/records.ts';
import { entriesOf } from '../domain/zip.ts';
import { type PublicOrigin, requestFormAddress } from './addresses.ts';
import { type FileFact, fileCard } from './file-card.ts';
import { formatDuration, formatLeft, formatSize } from './format.ts';
import { type Html, html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import type { Messages } from './messages.ts';
import { momentElement } from './moment.ts';
import { downloadStatus } from './progress.ts';

export interface ConfirmView {
  readonly origin: PublicOrigin;
  readonly record: TokenRecord;
  /** The secret that was presented. It goes into the form's hidden field and nowhere else. */
  readonly token: string;
  /** The lifetime of the presigned URL. */
  readonly downloadSeconds: number;
  readonly now: Date;
}

/**
 * Returns the page that shows what a link opens, with the one button that redeems it. Looking at it spends nothing;
 * nothing submits itself.
 */
export function confirmPage(
  { origin, record, token, downloadSeconds, now }: ConfirmView,
  theme: LocalizedTheme = defaultTheme,
): string {
  const { messages } = theme;
  const { confirm, locale } = messages;
  const again = newLink(origin, record, messages);
  const breaksOff =
    record.delivery === 'redirect'
      ? confirm.breaksOff(formatDuration(downloadSeconds, locale), again)
      : confirm.breaksOffStream(again);
  return layOut(
    {
      title: confirm.title,
      main: html`<p>${confirm.lead}</p>
${fileCard(record.asset, messages, { facts: [...contentsOf(record, messages), worksUntil(record, now, messages)] })}
<form method="post" action="${origin}/redeem">
<input type="hidden" name="token" value="${token}" autocomplete="off">
<button type="submit">${confirm.submit}</button>
${downloadStatus(messages)}
</form>
<section>
<h2>${confirm.goodToKnow}</h2>
<ul>
<li>${confirm.once}</li>
<li>${confirm.starts}</li>
<li>${breaksOff}</li>
${record.delivery === 'watermark' ? html`<li>${confirm.stamped}</li>\n` : undefined}${record.asset.sha256 === undefined ? undefined : html`<li>${confirm.checksum}</li>\n`}</ul>
</section>`,
    },
    theme,
  );
}

/** Lists what is in a zip, under the names that it has there. */
function contentsOf({ contents }: TokenRecord, { file, locale }: Messages): readonly FileFact[] {
  if (contents === undefined) return [];
  const entries = entriesOf(contents).map(
    ({ name, asset }) => html`<li><bdi>${name}</bdi> (${formatSize(asset.size, locale)})</li>`,
  );
  return [{ label: file.contents, value: html`<ul>${entries}</ul>` }];
}

function worksUntil({ expiresAt }: TokenRecord, now: Date, messages: Messages): FileFact {
  const { file, locale } = messages;
  const left = formatLeft(expiresAt - epochSeconds(now), locale);
  return { label: file.linkWorksUntil, value: file.left(momentElement(expiresAt, messages), left) };
}

/** Tells where to get a new link: from the form if it was asked for there, or from the program that issued it. */
function newLink(origin: PublicOrigin, { issuedBy, asset }: TokenRecord, { confirm }: Messages): Html {
  return issuedBy === 'public'
    ? html`<a href="${requestFormAddress(origin, asset.name)}">${confirm.askHere}</a>`
    : html`${confirm.askSender}`;
}
