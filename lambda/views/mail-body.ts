import { epochSeconds } from '../domain/ids.ts';
import type { Asset } from '../domain/records.ts';
import { entriesOf } from '../domain/zip.ts';
import { formatDuration, formatMoment, formatSize } from './format.ts';
import type { LocalizedTheme } from './localized-theme.ts';
import type { MailView } from './mail.ts';
import type { Messages } from './messages.ts';
import { oneLine } from './one-line.ts';

/** Block of an e-mail. Blocks are listed in reading order. */
export type MailBlock =
  | { readonly block: 'heading'; readonly text: string }
  | { readonly block: 'paragraph'; readonly text: string }
  | { readonly block: 'greeting'; readonly hello: string; readonly name: string }
  | { readonly block: 'message'; readonly label: string; readonly text: string }
  | { readonly block: 'facts'; readonly facts: readonly MailFact[] }
  | { readonly block: 'files'; readonly label: string; readonly files: readonly MailFile[] }
  | {
      readonly block: 'link';
      /** `button` is the label of the button, and `caption` introduces the URL in the plain text part. */
      readonly button: string;
      readonly caption: string;
      readonly lead: string;
      readonly url: string;
    }
  | { readonly block: 'sender'; readonly name: string; readonly lines: readonly MailContact[] };

export interface MailFact {
  readonly label: string;
  readonly value: string;
  /** `name`: text that somebody else wrote. `checksum`: text to compare character by character. */
  readonly nature: 'name' | 'checksum' | 'plain';
}

interface MailFile {
  readonly name: string;
  readonly size: string;
}

/** How to contact the sender: the support address, or the URL of the imprint (legal notice). */
interface MailContact {
  readonly label: string;
  readonly text: string;
  readonly url: string;
}

/** Returns the content of an e-mail, for both of its parts. */
export function mailBody(
  { record, kind = 'link', url, now }: MailView,
  theme: LocalizedTheme,
): readonly MailBlock[] {
  const { messages } = theme;
  const { presence, locale, colon } = messages;
  const mail = { ...messages.mail, ...(record.files && messages.collection.mail) };
  const until = formatMoment(record.expiresAt, messages);
  const lifetime = formatDuration(wholeMinutes(record.expiresAt - epochSeconds(now)), locale);
  return [
    { block: 'heading', text: mail[kind].heading },
    ...greetingOf(record, messages),
    ...filesOf(record, messages),
    ...messageOf(record, messages),
    { block: 'paragraph', text: `${mail.press} ${mail.lives(lifetime, until)}` },
    { block: 'link', button: mail.open, caption: `${mail.open}${colon}`, lead: mail.address, url },
    { block: 'paragraph', text: record.presenceCode ? presence.mail : mail.keepPrivate },
    { block: 'paragraph', text: record.issuedBy === 'public' ? mail.unasked : mail.unexpected },
    ...senderOf(theme),
  ];
}

function greetingOf({ recipient: { name } }: MailView['record'], { mail }: Messages): readonly MailBlock[] {
  return name === undefined ? [] : [{ block: 'greeting', hello: mail.hello, name: oneLine(name) }];
}

function messageOf({ recipient }: MailView['record'], { mail, colon }: Messages): readonly MailBlock[] {
  const { message } = recipient;
  return message === undefined
    ? []
    : [{ block: 'message', label: `${mail.message}${colon}`, text: oneLine(message) }];
}

function filesOf({ files, contents, asset }: MailView['record'], messages: Messages): readonly MailBlock[] {
  const { collection, file, colon, locale } = messages;
  const list = (label: string, named: readonly { readonly name: string; readonly asset: Asset }[]) =>
    ({
      block: 'files',
      label: `${label}${colon}`,
      files: named.map((one) => ({ name: oneLine(one.name), size: formatSize(one.asset.size, locale) })),
    }) as const;
  if (files !== undefined) {
    const named = files.map((one) => ({ name: one.asset.fileName, asset: one.asset }));
    return [list(collection.mail.files, named)];
  }
  const facts = { block: 'facts', facts: factsOf(asset, messages) } as const;
  return contents === undefined ? [facts] : [facts, list(file.contents, entriesOf(contents))];
}

function factsOf(asset: Asset, { file, locale, colon }: Messages): readonly MailFact[] {
  return [
    { label: `${file.name}${colon}`, value: oneLine(asset.fileName), nature: 'name' },
    { label: `${file.size}${colon}`, value: formatSize(asset.size, locale), nature: 'plain' },
    ...(asset.sha256 === undefined
      ? []
      : [{ label: `${file.checksum}${colon}`, value: asset.sha256, nature: 'checksum' } as const]),
  ];
}

/** Returns the sender block. There is none if the brand has no name, support address, or imprint. */
export function senderOf({ brand, messages: { product, contact } }: LocalizedTheme): readonly MailBlock[] {
  const { name, supportAddress, imprint } = brand;
  if (name === undefined && supportAddress === undefined && imprint === undefined) return [];
  return [
    {
      block: 'sender',
      name: name ?? product,
      lines: [
        ...(supportAddress === undefined
          ? []
          : [{ label: contact.support, text: supportAddress, url: `mailto:${supportAddress}` }]),
        ...(imprint === undefined ? [] : [{ label: contact.imprint, text: imprint, url: imprint }]),
      ],
    },
  ];
}

/**
 * Rounds to the nearest minute, so that a few seconds in a queue do not turn 15 minutes into 14. The e-mail also
 * contains the exact time.
 */
function wholeMinutes(seconds: number): number {
  return seconds < 60 ? seconds : Math.round(seconds / 60) * 60;
}
