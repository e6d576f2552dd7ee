import type { LinkId, TokenId } from '../domain/ids.ts';
import type { MailQueue } from '../domain/ports.ts';
import type { LinkMailQueue } from '../domain/upload-links/ports.ts';
import type { LinkMail } from '../domain/upload-links/upload-link.ts';
import type { JsonService } from './json-service.ts';
import { callService } from './service-fault.ts';

/**
 * Queues e-mails. The message for an e-mail with a new download link is `{"tokenId": "…"}`. All other messages also
 * have a `kind`. No message contains a secret or personal data.
 */
export class SqsMailQueue implements MailQueue, LinkMailQueue {
  readonly #sqs: Pick<JsonService, 'call'>;
  readonly #queueUrl: string;

  constructor(sqs: Pick<JsonService, 'call'>, queueUrl: string) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
  }

  async send(tokenId: TokenId): Promise<void> {
    await this.#put({ tokenId });
  }

  async sendNotice(tokenId: TokenId): Promise<void> {
    await this.#put({ tokenId, kind: 'notice' });
  }

  async sendLinkMail(linkId: LinkId, mail: LinkMail): Promise<void> {
    // The consumer reads every ID from this field.
    await this.#put({ tokenId: linkId, kind: mail });
  }

  async #put(message: { readonly tokenId: TokenId; readonly kind?: 'notice' | LinkMail }): Promise<void> {
    await callService('mail queue', () =>
      this.#sqs.call('SendMessage', { QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(message) }),
    );
  }
}
