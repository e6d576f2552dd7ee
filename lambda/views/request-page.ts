import { type AssetName, fileNameOf } from '../domain/asset-name.ts';
import type { FormLimits } from '../domain/quota-rules.ts';
import type { PublicOrigin } from './addresses.ts';
import { type Edition, plainEdition } from './edition.ts';
import { fileCard } from './file-card.ts';
import { formatCount, formatDuration } from './format.ts';
import { type Html, html } from './html.ts';
import { layOut } from './layout.ts';
import type { Messages } from './messages.ts';
import { sendingStatus } from './progress.ts';

export interface RequestView {
  readonly origin: PublicOrigin;
  /** The file named in the page's address; without one the form asks for its name. */
  readonly asset?: AssetName | undefined;
  readonly lifetimeMinutes: number;
  readonly limits: Pick<FormLimits, 'addressPerHour' | 'cooldownSeconds' | 'sourcePerHour'>;
}

/** The request form: an address, and the name of a file unless the page's address had one. */
export function requestPage(
  { origin, asset, lifetimeMinutes, limits }: RequestView,
  edition: Edition = plainEdition,
): string {
  const { messages } = edition;
  const { request, locale } = messages;
  return layOut(
    {
      title: request.title,
      main: html`<p>${request.lead(formatDuration(lifetimeMinutes * 60, locale))}</p>
<form method="post" action="${origin}/token">
${asset === undefined ? assetField(messages) : chosenAsset(asset)}
<label for="email">${request.email}</label>
<input id="email" name="email" type="email" inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" maxlength="254" required>
<button type="submit">${request.submit}</button>
${sendingStatus(messages)}
</form>
<p class="hint">${request.privacy}</p>
<p class="hint">${limitsSentence(limits, messages)}</p>`,
    },
    edition,
  );
}

function assetField({ request }: Messages): Html {
  return html`<label for="asset">${request.asset}</label>
<p class="hint" id="asset-hint">${request.assetHint}</p>
<input id="asset" name="asset" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="1000" aria-describedby="asset-hint" required>`;
}

function chosenAsset(asset: AssetName): Html {
  return html`${fileCard(fileNameOf(asset), [])}
<input type="hidden" name="asset" value="${asset}" autocomplete="off">`;
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
