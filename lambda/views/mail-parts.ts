import type { Mail } from '../domain/ports.ts';
import { accentOnWhite } from './brand.ts';
import type { LocalizedTheme } from './localized-theme.ts';
import type { MailBlock } from './mail-body.ts';
import { mailHtml } from './mail-html.ts';
import { mailText } from './mail-text.ts';

/**
 * Returns an e-mail with two parts, plain text and HTML. Both are generated from one body, so they have the same
 * content.
 */
export function mailOf(
  { to, subject, body }: Pick<Mail, 'to' | 'subject'> & { readonly body: readonly MailBlock[] },
  { messages, brand }: LocalizedTheme,
): Mail {
  const html = mailHtml({ body, subject, lang: messages.lang, accent: accentOnWhite(brand) });
  return { to, subject, text: mailText(body), html };
}
