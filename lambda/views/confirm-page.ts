import { epochSeconds } from '../domain/ids.ts';
import type { TokenRecord } from '../domain/records.ts';
import { type PublicOrigin, requestFormAddress } from './addresses.ts';
import { formatDuration, formatLeft, formatSize } from './format.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import { mediaKindOf } from './media-kind.ts';
import type { CodeProblem, Messages } from './messages.ts';
import { momentElement } from './moment.ts';
import { downloadStatus } from './progress.ts';

export interface ConfirmView {
  readonly origin: PublicOrigin;
  readonly record: TokenRecord;
  /** The secret that was presented. It goes into the form's hidden field and nowhere else. */
  readonly token: string;
  /** The lifetime of the presigned URL, if the file is delivered by one. */
  readonly downloadSeconds?: number | undefined;
  /** How long the file can be had again, in seconds; absent if it cannot. */
  readonly againSeconds?: number | undefined;
  /** What was wrong with the presence code that was sent, if one was. */
  readonly codeProblem?: CodeProblem | undefined;
  readonly now: Date;
}

/**
 * Returns the page that shows what a link opens, with the one button that redeems it. Looking at it spends nothing;
 * nothing submits itself.
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
      main: html`${codeProblem ? undefined : html`<p>${confirm.lead}</p>\n`}${fileCard(record.asset.fileName, factsOf(record, now, messages))}
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

/** Asks for the presence code. The error stands next to the field, which has the focus then. */
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

/** Holds one fact about a file: its label and its value. */
interface FileFact {
  readonly label: string;
  readonly value: HtmlValue;
}

const sheet = html`<svg width="21" height="28" viewBox="5 2 18 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M6 3h9l6 6v16H6zM15 3v6h6"/></svg>`;

/**
 * Shows a file that is known to exist, because anyone can make up the name of one that does not. The name is isolated,
 * so that a right-to-left name does not reorder what is around it.
 */
function fileCard(fileName: string, facts: readonly FileFact[]): Html {
  const list = html`<dl>${facts.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
  return html`<div class="file"><p>${sheet}<bdi>${fileName}</bdi></p>${list}</div>`;
}

function factsOf({ asset, expiresAt }: TokenRecord, now: Date, messages: Messages): readonly FileFact[] {
  const { file, kinds, locale } = messages;
  const kind = mediaKindOf(asset.type);
  const left = formatLeft(expiresAt - epochSeconds(now), locale);
  return [
    ...(kind === 'other' ? [] : [{ label: file.kind, value: kinds[kind] }]),
    { label: file.size, value: formatSize(asset.size, locale) },
    { label: file.linkWorksUntil, value: file.left(momentElement(expiresAt, messages), left) },
    ...(asset.sha256 === undefined
      ? []
      : [{ label: file.checksum, value: html`<code>${asset.sha256}</code>` }]),
  ];
}

/** Tells where to get a new link: from the form if it was asked for there, or from the program that issued it. */
function newLink(origin: PublicOrigin, { issuedBy, asset }: TokenRecord, { confirm }: Messages): Html {
  return issuedBy === 'public'
    ? html`<a href="${requestFormAddress(origin, asset.name)}">${confirm.askHere}</a>`
    : html`${confirm.askSender}`;
}
