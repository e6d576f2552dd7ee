import type { TokenId } from '../../lambda/domain/ids.ts';
import type { MailQueue } from '../../lambda/domain/ports.ts';

/** The mail queue in memory: what was sent, in order. */
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
