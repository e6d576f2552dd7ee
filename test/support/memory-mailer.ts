import type { Mail, Mailer } from '../../lambda/domain/ports.ts';
import { fail, ok, type Result } from '../../lambda/domain/result.ts';

/** An inbox for everyone. */
export class MemoryMailer implements Mailer {
  readonly sent: Mail[] = [];
  readonly #refused = new Map<string, string>();

  /** From now on, refuses mail to this address for good, with this error name. */
  refuse(address: string, reason: string): void {
    this.#refused.set(address, reason);
  }

  async send(mail: Mail): Promise<Result<void, { readonly reason: string }>> {
    const reason = this.#refused.get(mail.to);
    if (reason !== undefined) return fail({ reason });
    this.sent.push(mail);
    return ok(undefined);
  }
}
