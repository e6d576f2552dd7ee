import { epochSeconds } from '../domain/ids.ts';
import { formatDuration, formatMoment, formatSize } from './format.ts';
import type { MailView } from './mail.ts';
import type { Messages } from './messages.ts';
import { oneLine } from './one-line.ts';

/** One part of a mail, in the order in which it is read. */
export type MailBlock =
  | { readonly block: 'heading'; readonly text: string }
  | { readonly block: 'paragraph'; readonly text: string }
  | { readonly block: 'facts'; readonly facts: readonly MailFact[] }
  | { readonly block: 'link'; readonly label: string; readonly lead: string; readonly url: string };

export interface MailFact {
  readonly label: string;
  readonly value: string;
  /** A name is somebody else's text, a checksum is read letter by letter. */
  readonly nature: 'name' | 'checksum' | 'plain';
}

/** What a mail says, for both of its parts. */
export function mailBody({ record, url, now }: MailView, messages: Messages): readonly MailBlock[] {
  const { mail, locale } = messages;
  const until = formatMoment(record.expiresAt, locale);
  const lifetime = formatDuration(wholeMinutes(record.expiresAt - epochSeconds(now)), locale);
  return [
    { block: 'heading', text: mail.heading },
    { block: 'facts', facts: factsOf(record, messages) },
    { block: 'paragraph', text: `${mail.press} ${mail.lives(lifetime, until)}` },
    { block: 'link', label: mail.open, lead: mail.address, url },
    { block: 'paragraph', text: mail.keepPrivate },
    { block: 'paragraph', text: mail.unasked },
  ];
}

function factsOf({ asset }: MailView['record'], { file, locale }: Messages): readonly MailFact[] {
  return [
    { label: file.name, value: oneLine(asset.fileName), nature: 'name' },
    { label: file.size, value: formatSize(asset.size, locale), nature: 'plain' },
    ...(asset.sha256 === undefined
      ? []
      : [{ label: file.checksum, value: asset.sha256, nature: 'checksum' } as const]),
  ];
}

/** To the nearest minute, so that the seconds in a queue do not turn 15 minutes into 14; the moment is exact. */
function wholeMinutes(seconds: number): number {
  return seconds < 60 ? seconds : Math.round(seconds / 60) * 60;
}
