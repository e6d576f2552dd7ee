import { types } from 'node:util';
import { type SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import type { Mail, Mailer, MailSubject } from '../domain/ports.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { callService, errorName } from './service-fault.ts';

/**
 * Errors with which SES permanently refuses an e-mail (Amazon SES API Reference, SendEmail). All other errors are
 * thrown, because the operator can fix a paused account, an unverified sender, or a missing permission while the
 * message waits in the queue and then in the dead-letter queue.
 */
const PERMANENT = new Set(['MessageRejected', 'InvalidParameterValue', 'InvalidParameterValueException']);

/**
 * Matches a `MessageRejected` that concerns the whole account rather than this e-mail (Amazon SES Developer Guide,
 * "Amazon SES email sending errors", "Account is paused").
 */
const ABOUT_ACCOUNT = /^(?:sending|(?:your )?account)\b.*\b(?:paused|suspended|disabled)\b/;

/** Message tags. SES repeats them in bounces and complaints, where handlers/bounces.ts reads them. */
const TAGS = { link: 'tokenId', notice: 'noticeOf' } as const satisfies Record<MailSubject['kind'], string>;

/** Sends e-mails with Amazon SES, using the configuration set that keeps SES from rewriting links. */
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
   * Sends an e-mail in a single attempt. If SES throttles the call, this throws `Unavailable`, and the queue tries
   * again (docs/protocol.md, "Mail").
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
   * Returns whether SES rejected the e-mail for a reason that the operator can fix: the account is paused, or the
   * sender is not verified.
   */
  #isForOperator(error: unknown): boolean {
    const message = types.isNativeError(error) ? error.message.toLowerCase() : '';
    if (ABOUT_ACCOUNT.test(message)) return true;
    const domain = this.#sender.slice(this.#sender.lastIndexOf('@'));
    return message.includes('not verified') && message.includes(domain.toLowerCase());
  }
}
