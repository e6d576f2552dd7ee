import type { AssetName } from '../domain/asset-name.ts';
import type { PresenceCode } from '../domain/ids.ts';
import { type PublicOrigin, requestFormAddress } from './addresses.ts';
import { formatDuration, formatWait } from './format.ts';
import { type Html, html } from './html.ts';
import { layOut } from './layout.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import type { Messages } from './messages.ts';

export interface CheckInboxView {
  readonly origin: PublicOrigin;
  readonly lifetimeMinutes: number;
  /** Cooldown of the address, in seconds. @default 60 */
  readonly cooldownSeconds?: number;
  /** Presence code that the link's page asks for, if form links require one. */
  readonly presenceCode?: PresenceCode | undefined;
  /** Requested file, for the link back to the form. */
  readonly asset?: AssetName | undefined;
}

/** Returns the page that everyone sees after requesting a file. Its content does not depend on the address. */
export function checkInboxPage(
  { origin, lifetimeMinutes, cooldownSeconds = 60, presenceCode, asset }: CheckInboxView,
  theme: LocalizedTheme = defaultTheme,
): string {
  const { checkInbox, locale } = theme.messages;
  const hints = checkInbox.hints(cooldownSeconds === 60 ? undefined : formatWait(cooldownSeconds, locale));
  return layOut(
    {
      title: checkInbox.title,
      main: html`<p>${checkInbox.lead} ${checkInbox.lifetime(formatDuration(lifetimeMinutes * 60, locale))}</p>
${presenceCode && codeSection(presenceCode, theme.messages)}<section>
<h2>${checkInbox.nothingThere}</h2>
<ul>${hints.map((hint) => html`<li>${hint}</li>`)}</ul>
<p><a href="${requestFormAddress(origin, asset)}">${checkInbox.askAgain}</a></p>
</section>
<section><p class="hint">${checkInbox.sameForAll}</p></section>`,
    },
    theme,
  );
}

/** Shows a code in large digits. Screen readers read the digits one by one, rather than as a number. */
function codeSection(code: PresenceCode, { presence }: Messages): Html {
  const shown = `${code.slice(0, 3)} ${code.slice(3)}`;
  return html`<section>
<h2>${presence.yours}</h2>
<p class="code" role="img" aria-label="${[...code].join(' ')}">${shown}</p>
<p>${presence.keep} ${presence.again}</p>
</section>
`;
}
