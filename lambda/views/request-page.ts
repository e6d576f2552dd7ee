import type { AssetName } from '../domain/asset-name.ts';
import type { FormLimits } from '../domain/quota-rules.ts';
import type { PublicOrigin } from './addresses.ts';
import { formatCount, formatDuration } from './format.ts';
import { html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import type { Messages } from './messages.ts';
import { sendingStatus } from './progress.ts';

export interface RequestView {
  readonly origin: PublicOrigin;
  /** The name in the page's address. Anyone can make one up, and nobody has checked that the file exists. */
  readonly asset?: AssetName | undefined;
  readonly lifetimeMinutes: number;
  readonly limits: Pick<FormLimits, 'addressPerHour' | 'cooldownSeconds' | 'sourcePerHour'>;
}

/**
 * Writes the request form: an e-mail address, and the name of a file. A name from the page's address is filled into its
 * field and appears nowhere else. Otherwise a link to us could make the operator's page say what its sender likes.
 */
export function requestPage(
  { origin, asset, lifetimeMinutes, limits }: RequestView,
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
${sendingStatus(messages)}
</form>
<p class="hint">${request.privacy}</p>
<p class="hint">${limitsSentence(limits, messages)}</p>`,
    },
    theme,
  );
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
