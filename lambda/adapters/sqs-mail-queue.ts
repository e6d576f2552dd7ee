import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { TokenId } from '../domain/ids.ts';
import type { MailQueue } from '../domain/ports.ts';
import { callService } from './service-fault.ts';

/**
 * Queues mails to send. A message is `{"tokenId": "…"}`, or `{"tokenId": "…", "kind": "notice"}` for the mail about a
 * redemption. It opens nothing and names nobody.
 */
export class SqsMailQueue implements MailQueue {
  readonly #client: Pick<SQSClient, 'send'>;
  readonly #queueUrl: string;

  constructor(client: Pick<SQSClient, 'send'>, queueUrl: string) {
    this.#client = client;
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
      this.#client.send(
        new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(message) }),
      ),
    );
  }
}
