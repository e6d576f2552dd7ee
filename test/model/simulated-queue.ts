import type { TokenId } from '../../lambda/domain/ids.ts';
import type { MailQueue, MailSubject } from '../../lambda/domain/ports.ts';
import type { Actor } from './actor.ts';

/** A message in the queue. */
export interface Message extends MailSubject {
  receives: number;
}

/** The number of attempts after which a message goes to the dead-letter queue. */
const MAX_RECEIVES = 3;

/** A queue that delivers at least once, with a dead-letter queue that can be redriven at any time. */
export class SimulatedQueue implements MailQueue {
  readonly everSent: MailSubject[] = [];
  readonly visible: Message[] = [];
  readonly dead: Message[] = [];
  readonly #hidden = new Map<Message, Actor>();

  async send(tokenId: TokenId): Promise<void> {
    this.#put({ kind: 'link', tokenId });
  }

  async sendNotice(tokenId: TokenId): Promise<void> {
    this.#put({ kind: 'notice', tokenId });
  }

  /** The messages held by functions that will never answer. */
  get abandoned(): readonly Message[] {
    return [...this.#hidden].filter(([, { state }]) => state === 'killed').map(([message]) => message);
  }

  /** Hides a message while a function processes it. */
  receive(message: Message, by: Actor): void {
    message.receives += 1;
    this.visible.splice(this.visible.indexOf(message), 1);
    this.#hidden.set(message, by);
  }

  /** Deletes a message whose function succeeded. */
  delete(message: Message): void {
    this.#hidden.delete(message);
  }

  /** Makes a message visible again, or moves it to the dead-letter queue. */
  release(message: Message): void {
    this.#hidden.delete(message);
    (message.receives >= MAX_RECEIVES ? this.dead : this.visible).push(message);
  }

  /** Redrives the dead-letter queue. */
  redrive(): void {
    for (const { kind, tokenId } of this.dead.splice(0)) this.visible.push({ kind, tokenId, receives: 0 });
  }

  #put(subject: MailSubject): void {
    this.everSent.push(subject);
    this.visible.push({ ...subject, receives: 0 });
  }
}
