import { epochSeconds } from '../domain/ids.ts';
import type { TokenRecord } from '../domain/records.ts';
import { entriesOf } from '../domain/zip.ts';
import { type PublicOrigin, requestFormAddress } from './addresses.ts';
import { type FileFact, fileCard } from './file-card.ts';
import { formatDuration, formatLeft, formatSize } from './format.ts';
import { type Html, html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import type { CodeProblem, Messages } from './messages.ts';
import { momentElement } from './moment.ts';
import { downloadStatus } from './progress.ts';

export interface ConfirmView {
  readonly origin: PublicOrigin;
  readonly record: TokenRecord;
  /** Token of the link. It appears only in a hidden field of the form. */
  readonly token: string;
  /** Lifetime of the presigned URL, in seconds, if the file is delivered through one. */
  readonly downloadSeconds?: number | undefined;
  /** Duration of the second chance, in seconds; absent if there is none. */
  readonly againSeconds?: number | undefined;
  /** Problem with the presence code that was sent, if any. */
  readonly codeProblem?: CodeProblem | undefined;
  readonly now: Date;
}

/**
 * Returns the page with a link's file and the button that redeems the link. Opening the page spends nothing, and
 * nothing is submitted automatically.
 */
export function confirmPage(
  { origin, record, token, downloadSeconds, againSeconds, codeProblem, now }: ConfirmView,
  theme: LocalizedTheme = defaultTheme,
): string {
  const { messages } = theme;
  const { confirm, locale } = messages;
  const onward = newLink(origin, record, messages);
  const breaksOff =
    againSeconds !== undefined
      ? confirm.breaksOffAgain(formatDuration(againSeconds, locale), onward)
      : record.delivery === 'redirect' && downloadSeconds !== undefined
        ? confirm.breaksOff(formatDuration(downloadSeconds, locale), onward)
        : confirm.breaksOffStream(onward);
  return layOut(
    {
      title: confirm.title,
      main: html`${codeProblem ? undefined : html`<p>${confirm.lead}</p>\n`}${fileCard(record.asset, messages, { facts: [...contentsOf(record, messages), worksUntil(record, now, messages)] })}
<form method="post" action="${origin}/redeem">
<input type="hidden" name="token" value="${token}" autocomplete="off">
${record.presenceCode && codeField(record, codeProblem, messages)}<button type="submit">${confirm.submit}</button>
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

/** Returns the field for the presence code. An error is shown next to the field, which then has the focus. */
function codeField(
  { issuedBy }: TokenRecord,
  problem: CodeProblem | undefined,
  { presence }: Messages,
): Html {
  const error = problem && html`<p class="hint error" id="code-error">${codeError(problem, presence)}</p>\n`;
  const described = error ? 'code-error code-hint' : 'code-hint';
  return html`<label for="code">${presence.field}</label>
<p class="hint" id="code-hint">${issuedBy === 'public' ? presence.shown : presence.told}</p>
${error}<input id="code" name="code" type="text" inputmode="numeric" autocomplete="off" pattern="\\s*(\\d[\\s\\-]*){6}" aria-describedby="${described}" required${error && html` aria-invalid="true" autofocus`}>
`;
}

function codeError(problem: CodeProblem, { missing, malformed, wrong }: Messages['presence']): string {
  switch (problem.code) {
    case 'code_required':
      return missing;
    case 'invalid_request':
      return malformed;
    case 'wrong_code':
      return wrong(problem.attemptsLeft);
  }
}

/** Returns the list of files in a zip, with their names in the zip. */
function contentsOf({ contents }: TokenRecord, { file, locale }: Messages): readonly FileFact[] {
  if (contents === undefined) return [];
  const entries = entriesOf(contents).map(
    ({ name, asset }, index) =>
      html`${index === 0 ? '' : html`<br>`}<bdi>${name}</bdi> (${formatSize(asset.size, locale)})`,
  );
  return [{ label: file.contents, value: entries }];
}

function worksUntil({ expiresAt }: TokenRecord, now: Date, messages: Messages): FileFact {
  const { file, locale } = messages;
  const left = formatLeft(expiresAt - epochSeconds(now), locale);
  return { label: file.linkWorksUntil, value: file.left(momentElement(expiresAt, messages), left) };
}

/** Returns a text that says where to get a new link: from the form for form links, otherwise from the sender. */
function newLink(origin: PublicOrigin, { issuedBy, asset }: TokenRecord, { confirm }: Messages): Html {
  return issuedBy === 'public'
    ? html`<a href="${requestFormAddress(origin, asset.name)}">${confirm.askHere}</a>`
    : html`${confirm.askSender}`;
}
