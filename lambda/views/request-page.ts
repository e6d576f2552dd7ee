import type { AssetName } from '../domain/asset-name.ts';
import { type ProofPolicy, unprovenPerHour } from '../domain/proof-of-work.ts';
import type { FormLimits } from '../domain/quota-rules.ts';
import type { PublicOrigin } from './addresses.ts';
import { formatCount, formatDuration } from './format.ts';
import { type Html, html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import type { Messages } from './messages.ts';
import { sendingStatus } from './progress.ts';
import { proofScript } from './proof-script.ts';

export interface RequestView {
  readonly origin: PublicOrigin;
  /** File name in the page's URL. Anyone can make up a name, so the file may not exist. */
  readonly asset?: AssetName | undefined;
  readonly lifetimeMinutes: number;
  readonly limits: Pick<FormLimits, 'addressPerHour' | 'cooldownSeconds' | 'sourcePerHour'>;
  /** Absent if requests never need a proof of work. */
  readonly proofPolicy?: ProofPolicy | undefined;
}

/**
 * Returns the request form: an e-mail address, and the name of a file. A name from the page's URL appears only in its
 * field. Otherwise, anyone could make the operator's page show any text, just by sharing a link.
 */
export function requestPage(
  { origin, asset, lifetimeMinutes, limits, proofPolicy }: RequestView,
  theme: LocalizedTheme = defaultTheme,
): string {
  const { messages } = theme;
  const { request, locale } = messages;
  return layOut(
    {
      title: request.title,
      main: html`<p>${request.lead(formatDuration(lifetimeMinutes * 60, locale))}</p>
<form method="post" action="${origin}/token">
<label for="asset">${request.asset}</label>
<p class="hint" id="asset-hint">${request.assetHint}</p>
<input id="asset" name="asset" type="text" value="${asset}" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="1000" aria-describedby="asset-hint" required>
<label for="email">${request.email}</label>
<input id="email" name="email" type="email" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" maxlength="254" required${asset && html` autofocus`}>
<button type="submit">${request.submit}</button>
${proofPolicy && proofField(origin, messages)}${sendingStatus(messages)}
</form>
<p class="hint">${request.privacy}</p>
<p class="hint">${limitsSentence(limits, messages)}</p>${proofPolicy && withoutScripts(limits, proofPolicy, messages)}`,
      ...(proofPolicy && { script: proofScript }),
    },
    theme,
  );
}

/**
 * Returns the hidden field for the proof of work. The page's script fills it in, and shows the texts in its attributes
 * while it solves the challenge.
 */
function proofField(origin: PublicOrigin, { proof }: Messages): Html {
  return html`<input type="hidden" name="proof" value="" autocomplete="off" data-challenge="${origin}/challenge" data-button="${proof.button}" data-working="${proof.status}">
`;
}

/** Tells people without JavaScript how often they can send the form. */
function withoutScripts(
  limits: RequestView['limits'],
  policy: ProofPolicy,
  { proof, locale }: Messages,
): Html {
  return html`<noscript><p class="hint">${proof.withoutScripts(formatCount(unprovenPerHour(limits, policy), locale))}</p></noscript>`;
}

function limitsSentence(
  { addressPerHour, cooldownSeconds, sourcePerHour }: RequestView['limits'],
  { request, locale }: Messages,
): string {
  return request.limits({
    cooldown: cooldownSeconds === 60 ? undefined : formatDuration(cooldownSeconds, locale),
    addressPerHour: formatCount(addressPerHour, locale),
    sourcePerHour: formatCount(sourcePerHour, locale),
  });
}
