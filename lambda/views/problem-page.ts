import type { AssetName } from '../domain/asset-name.ts';
import type { ErrorCode, Field, Refusal, Renewal } from '../domain/errors.ts';
import type { EpochSeconds } from '../domain/ids.ts';
import type { Delivery } from '../domain/records.ts';
import { type PublicOrigin, requestFormAddress } from './addresses.ts';
import { formatWait } from './format.ts';
import { type Html, html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import type { Messages, ProblemMessages, ProblemWords } from './messages.ts';
import { momentElement } from './moment.ts';
import { downloadStatus, sendingStatus } from './progress.ts';

export interface ProblemView {
  readonly origin: PublicOrigin;
  readonly refusal: Refusal;
  /** Token that was sent, if any. Hidden form fields carry it to the next step. */
  readonly token?: string | undefined;
  /** Requested file, for the link back to the form. */
  readonly asset?: AssetName | undefined;
  /** Present while the link has a second chance. */
  readonly again?: AgainView | undefined;
}

/** When the second chance ends, and how the file is delivered. */
export interface AgainView {
  readonly until: EpochSeconds;
  readonly delivery: Delivery;
}

/** Returns a page that explains a problem in plain language, with a next step. */
export function problemPage(view: ProblemView, theme: LocalizedTheme = defaultTheme): string {
  const { messages } = theme;
  const { title, paragraphs } = wordsFor(view.refusal, messages);
  return layOut(
    { title, main: html`${paragraphs.map((text) => html`<p>${text}</p>`)}\n${nextStep(view, messages)}` },
    theme,
  );
}

function wordsFor(refusal: Refusal, messages: Messages): ProblemWords {
  const { problems, locale } = messages;
  switch (refusal.code) {
    case 'invalid_request':
      return invalid(refusal.field, problems);
    case 'token_redeemed':
      return problems.redeemed(momentElement(refusal.at, messages));
    case 'token_revoked':
      return (refusal.reason ? problems.wrongCodes : problems.revoked)(momentElement(refusal.at, messages));
    case 'token_expired':
      return problems.expired(momentElement(refusal.at, messages));
    case 'quota_exceeded':
      return problems.quotaExceeded(formatWait(refusal.retryAfterSeconds, locale));
    case 'unavailable':
      return problems.unavailable(formatWait(refusal.retryAfterSeconds, locale));
    case 'proof_required':
      return problems.proofRequired(formatWait(refusal.retryAfterSeconds, locale));
    default: {
      // Problems that only programs get have no texts of their own.
      const fixed: Partial<Record<ErrorCode, ProblemWords>> = problems.fixed;
      return fixed[refusal.code] ?? problems.invalidRequest.other;
    }
  }
}

function invalid(field: Field, { fixed, invalidRequest }: ProblemMessages): ProblemWords {
  if (field === 'token') return fixed.invalid_token;
  return field === 'email' || field === 'asset' ? invalidRequest[field] : invalidRequest.other;
}

function nextStep(view: ProblemView, messages: Messages): Html {
  const { problems } = messages;
  switch (view.refusal.code) {
    case 'token_expired':
      return renewal(view, view.refusal.renewal, messages);
    case 'token_redeemed':
      return html`${again(view, view.refusal.renewal, messages)}${report(view, messages)}`;
    case 'unavailable':
    case 'internal_error':
    case 'prefetch_refused':
    case 'asset_missing':
    case 'not_allowed_from_here':
    case 'range_refused':
    case 'use_proxy':
      return lookAgain(view, messages);
    case 'invalid_token':
    case 'token_revoked':
    case 'token_unknown':
    case 'asset_changed':
      return formLink(view, problems.newLink);
    default:
      return formLink(view, problems.toForm);
  }
}

/**
 * Offers to mail a new link to the recorded address. If that is not possible, tells the holder whom to ask for one, or
 * links to the form.
 */
function renewal(view: ProblemView, offered: Renewal, messages: Messages): Html {
  const { problems } = messages;
  if (offered === 'none') return html`<p>${problems.askSender}</p>`;
  if (view.token === undefined) return formLink(view, problems.newLink);
  return html`<p>${problems.renew.lead}</p>
<form method="post" action="${view.origin}/redeem/renew">
${hiddenToken(view.token)}<button type="submit">${problems.renew.submit}</button>
${sendingStatus(messages)}
</form>`;
}

/**
 * Offers a new link and, if there is a second chance, the file itself. The page cannot tell whether it is shown in the
 * redeemer's browser.
 */
function again(view: ProblemView, renewable: Renewal, messages: Messages): Html {
  const { origin, token, again: chance } = view;
  const newLink = renewal(view, renewable, messages);
  if (token === undefined || chance === undefined) return newLink;
  const { again: words } = messages.problems;
  const resumes = chance.delivery === 'redirect' ? ` ${words.resumes}` : '';
  return html`<section>
<h2>${words.question}</h2>
<p>${words.lead(momentElement(chance.until, messages))}${resumes}</p>
<form method="post" action="${origin}/redeem">
${hiddenToken(token)}<button type="submit">${words.submit}</button>
${downloadStatus(messages)}
</form>
</section>
<section>
${newLink}</section>
`;
}

/** If the request had a token, asks whether it was the holder who downloaded the file. */
function report({ origin, token }: ProblemView, messages: Messages): Html | undefined {
  const { problems } = messages;
  if (token === undefined) return undefined;
  return html`<section>
<h2>${problems.report.question}</h2>
<p>${problems.report.lead}</p>
<form method="post" action="${origin}/redeem/report">
${hiddenToken(token)}<button type="submit" class="quiet">${problems.report.submit}</button>
${sendingStatus(messages)}
</form>
</section>`;
}

/** Links back to the link's page, or to the form if the token is unknown. Opening either page spends nothing. */
function lookAgain(view: ProblemView, { problems }: Messages): Html {
  if (view.token === undefined) return formLink(view, problems.toForm);
  return html`<form method="get" action="${view.origin}/redeem">
${hiddenToken(view.token)}<button type="submit">${problems.tryAgain}</button>
</form>`;
}

function formLink({ origin, asset }: ProblemView, label: string): Html {
  return html`<p><a class="button" href="${requestFormAddress(origin, asset)}">${label}</a></p>`;
}

function hiddenToken(token: string): Html {
  return html`<input type="hidden" name="token" value="${token}" autocomplete="off">`;
}
