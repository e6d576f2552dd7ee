import type { AssetName } from '../domain/asset-name.ts';
import { type PublicOrigin, requestFormAddress } from './addresses.ts';
import { formatDuration, formatWait } from './format.ts';
import { html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';

export interface CheckInboxView {
  readonly origin: PublicOrigin;
  readonly lifetimeMinutes: number;
  /** The cooldown of the address; a minute unless told otherwise. */
  readonly cooldownSeconds?: number;
  /** The requested file, so that a repeated request need not name it again. */
  readonly asset?: AssetName | undefined;
}

/** Returns the page that everyone sees after asking for a file. Nothing on it depends on the address. */
export function checkInboxPage(
  { origin, lifetimeMinutes, cooldownSeconds = 60, asset }: CheckInboxView,
  theme: LocalizedTheme = defaultTheme,
): string {
  const { checkInbox, locale } = theme.messages;
  const hints = checkInbox.hints(cooldownSeconds === 60 ? undefined : formatWait(cooldownSeconds, locale));
  return layOut(
    {
      title: checkInbox.title,
      main: html`<p>${checkInbox.lead} ${checkInbox.lifetime(formatDuration(lifetimeMinutes * 60, locale))}</p>
<section>
<h2>${checkInbox.nothingThere}</h2>
<ul>${hints.map((hint) => html`<li>${hint}</li>`)}</ul>
<p><a href="${requestFormAddress(origin, asset)}">${checkInbox.askAgain}</a></p>
</section>
<section><p class="hint">${checkInbox.sameForAll}</p></section>`,
    },
    theme,
  );
}
