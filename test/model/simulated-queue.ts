import type { TokenId } from '../../lambda/domain/ids.ts';
import type { MailQueue, MailSubject } from '../../lambda/domain/ports.ts';
import type { Invoked } from './actor.ts';

type Queued<Subject> = Subject & { receives: number };

export type Message = Queued<MailSubject>;

/** The number of attempts after which a message goes to the dead-letter queue. Deployed queues allow more. */
const MAX_RECEIVES = 3;

/** A queue that delivers at least once, with a dead-letter queue that can be redriven at any time. */
export class SimulatedQueue<Subject extends object> {
  readonly everSent: Subject[] = [];
  readonly visible: Queued<Subject>[] = [];
  readonly dead: Queued<Subject>[] = [];
  readonly #hidden = new Map<Queued<Subject>, Invoked>();

  put(subject: Subject): void {
    this.everSent.push(subject);
    this.visible.push({ ...subject, receives: 0 });
  }

  /** The messages held by killed functions. */
  get abandoned(): readonly Queued<Subject>[] {
    return [...this.#hidden].filter(([, { state }]) => state === 'killed').map(([message]) => message);
  }

  /** Hides a message while a function processes it. */
  receive(message: Queued<Subject>, by: Invoked): void {
    message.receives += 1;
    this.visible.splice(this.visible.indexOf(message), 1);
    this.#hidden.set(message, by);
  }

  /** Deletes a message whose function succeeded. */
  delete(message: Queued<Subject>): void {
    this.#hidden.delete(message);
  }

  /** Makes a message visible again, or moves it to the dead-letter queue. */
  release(message: Queued<Subject>): void {
    this.#hidden.delete(message);
    (message.receives >= MAX_RECEIVES ? this.dead : this.visible).push(message);
  }

  redrive(): void {
    for (const message of this.dead.splice(0)) this.visible.push({ ...message, receives: 0 });
  }
}

export class SimulatedMailQueue extends SimulatedQueue<MailSubject> implements MailQueue {
  async send(tokenId: TokenId): Promise<void> {
    this.put({ kind: 'link', tokenId });
  }

  async sendNotice(tokenId: TokenId): Promise<void> {
    this.put({ kind: 'notice', tokenId });
  }
}
