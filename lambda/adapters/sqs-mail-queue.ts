import type { TokenId } from '../domain/ids.ts';
import type { MailQueue } from '../domain/ports.ts';
import type { JsonService } from './json-service.ts';
import { callService } from './service-fault.ts';

/**
 * Queues mails to send. A message is `{"tokenId": "…"}`, or `{"tokenId": "…", "kind": "notice"}` for the mail about a
 * redemption. It opens nothing and names nobody.
 */
export class SqsMailQueue implements MailQueue {
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

  async #put(message: { readonly tokenId: TokenId; readonly kind?: 'notice' }): Promise<void> {
    await callService('mail queue', () =>
      this.#sqs.call('SendMessage', { QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(message) }),
    );
  }
}
