import { types } from 'node:util';
import { type SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import type { Mail, Mailer, MailSubject } from '../domain/ports.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { callService, errorName } from './service-fault.ts';

/**
 * Lists what SES permanently says about this mail (Amazon SES API Reference, SendEmail). A paused account, an
 * unverified sender or a missing right is the operator's to fix: it throws, so the message waits in the queue for that
 * and then in the dead-letter queue.
 */
const PERMANENT = new Set(['MessageRejected', 'InvalidParameterValue', 'InvalidParameterValueException']);

/**
 * Matches a `MessageRejected` that concerns the whole account and not this mail (Amazon SES Developer Guide, "Amazon SES email
 * sending errors", "Account is paused").
 */
const ABOUT_ACCOUNT = /^(?:sending|(?:your )?account)\b.*\b(?:paused|suspended|disabled)\b/;

/** Names the message tags that bounces and complaints carry back; handlers/bounces.ts reads them. */
const TAGS = { link: 'tokenId', notice: 'noticeOf' } as const satisfies Record<MailSubject['kind'], string>;

/** Sends with Amazon SES, under the configuration set that forbids rewriting links. */
export class SesMailer implements Mailer {
  readonly #client: Pick<SESClient, 'send'>;
  readonly #sender: string;
  readonly #configurationSet: string;

  constructor(
    client: Pick<SESClient, 'send'>,
    options: { readonly sender: string; readonly configurationSet: string },
  ) {
    this.#client = client;
    this.#sender = options.sender;
    this.#configurationSet = options.configurationSet;
  }

  /**
   * Sends a mail once. If SES throttles it, this throws `Unavailable`, and the queue tries again (docs/protocol.md, "Mail").
   */
  async send(
    { to, subject, text, html }: Mail,
    { kind, tokenId }: MailSubject,
  ): Promise<Result<void, { readonly reason: string }>> {
    const utf8 = (data: string) => ({ Charset: 'UTF-8', Data: data });
    try {
      await callService('mailer', () =>
        this.#client.send(
          new SendEmailCommand({
            Source: this.#sender,
            Destination: { ToAddresses: [to] },
            ConfigurationSetName: this.#configurationSet,
            Tags: [{ Name: TAGS[kind], Value: tokenId }],
            Message: { Subject: utf8(subject), Body: { Text: utf8(text), Html: utf8(html) } },
          }),
        ),
      );
      return ok(undefined);
    } catch (error) {
      if (!PERMANENT.has(errorName(error)) || this.#isForOperator(error)) throw error;
      return fail({ reason: errorName(error) });
    }
  }

  /**
   * Tells whether SES rejected the mail because the account is paused or the sender is not verified, which the operator
   * can fix.
   */
  #isForOperator(error: unknown): boolean {
    const message = types.isNativeError(error) ? error.message.toLowerCase() : '';
    if (ABOUT_ACCOUNT.test(message)) return true;
    const domain = this.#sender.slice(this.#sender.lastIndexOf('@'));
    return message.includes('not verified') && message.includes(domain.toLowerCase());
  }
}
