import type { Mail, Mailer, MailSubject } from '../../lambda/domain/ports.ts';
import { fail, ok, type Result } from '../../lambda/domain/result.ts';

/** An in-memory mailer with one inbox for all recipients. */
export class MemoryMailer implements Mailer {
  readonly sent: Mail[] = [];
  /** The subject of each e-mail, in the order of `sent`. */
  readonly subjects: MailSubject[] = [];
  readonly #refused = new Map<string, string>();

  /** From now on, rejects mail to this address with an error of this name. */
  refuse(address: string, reason: string): void {
    this.#refused.set(address, reason);
  }

  async send(mail: Mail, about: MailSubject): Promise<Result<void, { readonly reason: string }>> {
    const reason = this.#refused.get(mail.to);
    if (reason !== undefined) return fail({ reason });
    this.sent.push(mail);
    this.subjects.push(about);
    return ok(undefined);
  }
}
