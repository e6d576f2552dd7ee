import type { LinkMailKind, MailableRecord } from '../domain/deliver-mail.ts';
import type { Mail } from '../domain/ports.ts';
import { formatCount } from './format.ts';
import { defaultTheme, type LocalizedTheme } from './localized-theme.ts';
import { mailBody } from './mail-body.ts';
import { mailOf } from './mail-parts.ts';
import { nameForSubject } from './one-line.ts';

export interface MailView {
  readonly record: MailableRecord;
  /** @default link */
  readonly kind?: LinkMailKind;
  /** URL of the link. It appears in both parts, but never in the subject, because it contains the token. */
  readonly url: string;
  readonly now: Date;
}

/** Composes the e-mail that carries a link. */
export function composeMail(view: MailView, theme: LocalizedTheme = defaultTheme): Mail {
  const { messages } = theme;
  const { record, kind = 'link' } = view;
  const body = mailBody(view, theme);
  const { files, asset } = record;
  const subject = files
    ? messages.collection.mail[kind].subject(formatCount(files.length, messages.locale))
    : messages.mail[kind].subject(nameForSubject(asset.fileName));
  return mailOf({ to: record.recipient.address, subject, body }, theme);
}
