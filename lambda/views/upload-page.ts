import { type EpochSeconds, epochSeconds } from '../domain/ids.ts';
import type { Reason, UploadState } from '../domain/uploads/upload.ts';
import { type PublicOrigin, uploadAddress } from './addresses.ts';
import type { FileFact } from './file-card.ts';
import { formatCount, formatLeft, formatSize } from './format.ts';
import { type Html, html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import type { Messages } from './messages.ts';
import { momentElement } from './moment.ts';
import { sendingStatus } from './progress.ts';
import { endingsOf } from './upload-endings.ts';
import { type UploadMessages, uploadMessages } from './upload-messages.ts';
import { uploadScript } from './upload-script.ts';
import { uploadStyle } from './upload-style.ts';

export interface UploadView {
  readonly origin: PublicOrigin;
  /** Token of the link. It appears only in forms and in the attribute that the script reads. */
  readonly token: string;
  /** Inviter's description of what the files are for. */
  readonly purpose: string;
  readonly state: 'open' | 'finished';
  readonly files: readonly ShownFile[];
  readonly mostFiles: number;
  /** Maximum size of each file, in bytes. */
  readonly mostBytes: number;
  readonly types: readonly string[];
  readonly expiresAt: EpochSeconds;
  readonly now: Date;
  /** Problem with the form that was just sent. */
  readonly problem?: UploadProblem;
}

/** Form problems that the upload page itself explains. */
const UPLOAD_PROBLEMS = [
  'upload_too_large',
  'type_not_allowed',
  'too_many_files',
  'upload_incomplete',
] as const;
type UploadProblem = (typeof UPLOAD_PROBLEMS)[number];

/** Returns whether the upload page itself explains a problem. */
export function isUploadProblem(code: string | undefined): code is UploadProblem {
  return UPLOAD_PROBLEMS.some((known) => known === code);
}

export interface ShownFile {
  readonly fileName: string;
  /** Size in bytes; absent for a file sent with a form until it is finalized. */
  readonly size?: number;
  readonly state: UploadState;
  readonly reason?: Reason;
}

/**
 * Returns the page on which files are sent. Opening it spends nothing. Without JavaScript, the page has a plain form.
 * The script replaces the form with one that sends files in parts and can resume.
 */
export function uploadPage(view: UploadView, theme: LocalizedTheme = defaultTheme): string {
  return view.state === 'finished' ? thanks(view, theme) : sending(view, theme);
}

function sending(view: UploadView, theme: LocalizedTheme): string {
  const { messages } = theme;
  const upload = uploadMessages(messages.lang);
  const { origin, token, files } = view;
  const hidden = html`<input type="hidden" name="token" value="${token}" autocomplete="off">`;
  return layOut(
    {
      title: upload.title,
      style: uploadStyle,
      words: upload,
      script: uploadScript,
      main: html`${view.problem && html`<p role="alert">${problemWords(view.problem, upload)}</p>\n`}<p>${upload.lead}</p>
<blockquote><p>${view.purpose}</p></blockquote>
<dl>${factsOf(view, messages).map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
<div id="upload" data-origin="${origin}" data-token="${token}" data-limits="${JSON.stringify(limitsOf(view))}" data-words="${JSON.stringify(upload.script)}" hidden>
<div id="drop">
<label for="picker">${upload.choose}</label>
<p class="hint" id="picker-hint">${upload.dropHere}</p>
<input id="picker" type="file" aria-describedby="picker-hint"${view.mostFiles > 1 ? html` multiple` : undefined}>
</div>
<ul id="files" aria-label="${upload.files}"></ul>
<p id="announce" role="status"></p>
</div>
<form id="plain" method="post" action="${origin}/upload/form">
${hidden}
<label for="fileName">${upload.fileName}</label>
<p class="hint" id="name-hint">${upload.fileNameHint}</p>
<input id="fileName" name="fileName" type="text" autocomplete="off" spellcheck="false" maxlength="255" aria-describedby="name-hint" required>
<button type="submit">${upload.next}</button>
${sendingStatus(messages)}
</form>
<div id="sent">${sentFiles(files, messages)}</div>
<form method="post" action="${origin}/upload/finish">
${hidden}
<p class="hint">${upload.finishHint}</p>
<button type="submit" id="finish">${upload.finish}</button>
${sendingStatus(messages)}
</form>
<section>
<h2>${messages.confirm.goodToKnow}</h2>
<ul>
${upload.goodToKnow.map((sentence) => html`<li>${sentence}</li>`)}
</ul>
</section>`,
    },
    theme,
  );
}

/** Returns the text of a problem as a sentence. The script shows the same text after the name of a file. */
function problemWords(problem: UploadProblem, { script: { errors, notYet } }: UploadMessages): string {
  const words =
    problem === 'upload_incomplete' ? notYet : errors[problem === 'too_many_files' ? 'too_many' : problem];
  const text = words ?? errors.other;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Returns the page that is shown once the link is spent. */
function thanks({ files }: UploadView, theme: LocalizedTheme): string {
  const upload = uploadMessages(theme.messages.lang);
  return layOut(
    {
      title: upload.thanks.title,
      style: uploadStyle,
      words: upload,
      main: html`<p>${upload.thanks.lead}</p>
${sentFiles(files, theme.messages)}
<p>${upload.thanks.next}</p>`,
    },
    theme,
  );
}

/** Content and target of the form that sends a file to the bucket. */
export interface UploadFormView {
  readonly origin: PublicOrigin;
  readonly token: string;
  readonly fileName: string;
  /** URL of the bucket. */
  readonly url: string;
  /** Fields that S3 requires, in order (Amazon S3 API Reference, "POST Object"). */
  readonly fields: Readonly<Record<string, string>>;
}

/** Returns the plain form that sends one file to the bucket, for browsers without JavaScript. */
export function uploadFormPage(
  { origin, token, fileName, url, fields }: UploadFormView,
  theme: LocalizedTheme = defaultTheme,
): string {
  const upload = uploadMessages(theme.messages.lang);
  return layOut(
    {
      title: upload.title,
      style: uploadStyle,
      words: upload,
      main: html`<p>${upload.formLead} <bdi>${fileName}</bdi></p>
<form method="post" action="${url}" enctype="multipart/form-data">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}
<label for="file">${upload.choose}</label>
<input id="file" name="file" type="file" required>
<button type="submit">${upload.send}</button>
</form>
<p><a href="${uploadAddress(origin, token)}">${upload.back}</a></p>`,
    },
    theme,
  );
}

function factsOf(
  { mostFiles, mostBytes, types, expiresAt, now }: UploadView,
  messages: Messages,
): readonly FileFact[] {
  const { file, lang, locale } = messages;
  const upload = uploadMessages(lang);
  const left = formatLeft(expiresAt - epochSeconds(now), locale);
  const endings = [...new Set(types.flatMap(endingsOf))].sort();
  return [
    { label: upload.number, value: upload.atMost(formatCount(mostFiles, locale)) },
    { label: file.size, value: upload.each(formatSize(mostBytes, locale)) },
    ...(endings.length === 0 ? [] : [{ label: file.kind, value: endings.join(', ') }]),
    { label: file.linkWorksUntil, value: file.left(momentElement(expiresAt, messages), left) },
  ];
}

/** Returns the limits that the script checks before it sends anything. The server checks them again. */
function limitsOf({ mostFiles, mostBytes, types }: UploadView) {
  const endings = Object.fromEntries(
    types.flatMap((type) => endingsOf(type).map((ending) => [ending, type])),
  );
  return { files: mostFiles, bytes: mostBytes, types, endings };
}

function sentFiles(files: readonly ShownFile[], { lang, locale }: Messages): Html | undefined {
  if (files.length === 0) return undefined;
  const upload = uploadMessages(lang);
  const rows = files.map(
    (file) =>
      html`<li><bdi>${file.fileName}</bdi> <span class="hint">${file.size === undefined ? undefined : formatSize(file.size, locale)}</span> <span class="state">${stateWords(file, upload.script)}</span></li>`,
  );
  return html`<h2>${upload.files}</h2><ul class="files">${rows}</ul>`;
}

function stateWords({ state, reason }: ShownFile, words: UploadMessages['script']): string {
  switch (state) {
    case 'created':
      return words.incomplete;
    case 'published':
      return words.received;
    case 'rejected':
    case 'expired':
      return (reason !== undefined && words.refused[reason]) || words.refused.other;
    default:
      return words.checking;
  }
}
