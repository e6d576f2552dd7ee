import type { Mail } from '../domain/ports.ts';
import type { LinkLetter } from '../domain/upload-links/deliver-link-mail.ts';
import { isSent } from '../domain/upload-links/link-files.ts';
import { formatMoment } from './format.ts';
import { type LetterWords, letterWords } from './letter-words.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import { type MailBlock, type MailFact, senderOf } from './mail-body.ts';
import { mailOf } from './mail-parts.ts';
import { nameForSubject, oneLine } from './one-line.ts';

/**
 * Composes an e-mail about an upload link. Only the invitation contains the link. The link is in both parts, but never
 * in the subject.
 *
 * @param addressOf returns the URL of the upload page for a token
 */
export function composeLetter(
  { to, link, content }: LinkLetter,
  addressOf: (token: string) => string,
  theme: LocalizedTheme = defaultTheme,
): Mail {
  const { messages } = theme;
  const words = letterWords(messages.lang);
  const text = words[content.mail];
  const subject = text.subject(nameForSubject(link.purpose));
  const label = (name: string) => `${name}${messages.colon}`;
  const purpose: MailFact = { label: label(words.purpose), value: oneLine(link.purpose), nature: 'name' };
  const until = formatMoment(link.expiresAt, messages);
  const facts: readonly MailFact[] =
    content.mail === 'invite'
      ? [{ label: label(messages.file.linkWorksUntil), value: until, nature: 'plain' }]
      : [
          ...factsOf(content, words, messages.file.name).map((fact) => ({
            ...fact,
            label: label(fact.label),
          })),
          { label: label(words.link), value: link.linkId, nature: 'checksum' },
        ];
  const button: readonly MailBlock[] =
    content.mail === 'invite'
      ? [
          {
            block: 'link',
            button: words.open,
            caption: label(words.open),
            lead: messages.mail.address,
            url: addressOf(content.token),
          },
          { block: 'paragraph', text: words.keepPrivate },
        ]
      : [];
  const body: readonly MailBlock[] = [
    { block: 'heading', text: text.heading },
    { block: 'facts', facts: [purpose, ...facts] },
    { block: 'paragraph', text: text.lead },
    ...button,
    { block: 'paragraph', text: text.unexpected },
    ...senderOf(theme),
  ];
  return mailOf({ to, subject, body }, theme);
}

/** Lists the files that were sent and, in the outcome e-mail, whether they were accepted or refused. */
function factsOf(
  { mail, files }: Exclude<LinkLetter['content'], { readonly mail: 'invite' }>,
  { accepted, refused }: LetterWords,
  file: string,
): readonly MailFact[] {
  const shown = files.filter((each) => isSent(each) || (mail === 'outcome' && each.state === 'rejected'));
  return shown.map((each) => ({
    label: mail !== 'outcome' ? file : each.state === 'published' ? accepted : refused,
    value: oneLine(each.fileName),
    nature: 'name',
  }));
}
