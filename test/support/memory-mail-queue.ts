import type { TokenId } from '../../lambda/domain/ids.ts';
import type { MailQueue } from '../../lambda/domain/ports.ts';

/** An in-memory, ordered mail queue. */
export class MemoryMailQueue implements MailQueue {
  readonly messages: TokenId[] = [];
  readonly notices: TokenId[] = [];

  async send(tokenId: TokenId): Promise<void> {
    this.messages.push(tokenId);
  }

  async sendNotice(tokenId: TokenId): Promise<void> {
    this.notices.push(tokenId);
  }
}
