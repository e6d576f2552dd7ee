import type { Notice } from '../domain/deliver-notice.ts';
import type { Mail } from '../domain/ports.ts';
import { formatMoment } from './format.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import { type MailBlock, senderOf } from './mail-body.ts';
import { mailOf } from './mail-parts.ts';
import { nameForSubject, oneLine } from './one-line.ts';

/** Composes the notice of a redemption. It contains neither the link nor anything about the person who redeemed it. */
export function composeNotice(
  { tokenId, to, fileName, redeemedAt }: Notice,
  theme: LocalizedTheme = defaultTheme,
): Mail {
  const { messages } = theme;
  const { notice, file, colon } = messages;
  const subject = notice.subject(nameForSubject(fileName));
  const body: readonly MailBlock[] = [
    { block: 'heading', text: notice.heading },
    {
      block: 'facts',
      facts: [
        { label: `${file.name}${colon}`, value: oneLine(fileName), nature: 'name' },
        { label: `${notice.redeemed}${colon}`, value: formatMoment(redeemedAt, messages), nature: 'plain' },
        { label: `${notice.link}${colon}`, value: tokenId, nature: 'checksum' },
      ],
    },
    { block: 'paragraph', text: notice.lead },
    { block: 'paragraph', text: notice.unexpected },
    ...senderOf(theme),
  ];
  return mailOf({ to, subject, body }, theme);
}
