import { deliverMail } from '../../lambda/domain/deliver-mail.ts';
import type { Refusal } from '../../lambda/domain/errors.ts';
import { epochSeconds } from '../../lambda/domain/ids.ts';
import { inspectToken } from '../../lambda/domain/inspect-token.ts';
import { issueLink } from '../../lambda/domain/issue-link.ts';
import { keyEpochOf } from '../../lambda/domain/key-epoch.ts';
import type { Mail } from '../../lambda/domain/ports.ts';
import type { Opening } from '../../lambda/domain/records.ts';
import { redeemToken } from '../../lambda/domain/redeem-token.ts';
import { renewLink } from '../../lambda/domain/renew-link.ts';
import { reportRedemption } from '../../lambda/domain/report-redemption.ts';
import { requestLink } from '../../lambda/domain/request-link.ts';
import { revokeToken } from '../../lambda/domain/revoke-token.ts';
import { intercept } from '../support/intercept.ts';
import { assetName, email } from '../support/values.ts';
import type { Actor, Operation } from './actor.ts';
import { type Entry, stateSeenBy } from './books.ts';
import { type Ports, portsFor } from './ports.ts';
import {
  judgeError,
  judgeMail,
  judgeRedemption,
  judgeRefusal,
  judgeRevocation,
  judgeShownLive,
} from './rules-of-answers.ts';
import type { Message } from './simulated-queue.ts';
import { FILE, type World } from './world.ts';

const OPERATOR = 'arn:aws:iam::111122223333:role/operator';
const CALLER = 'arn:aws:iam::111122223333:role/reports';

/** Lifetimes that end within a call, within a schedule, and after everything; in seconds. */
const LIFETIMES = [4, 25, 25, 900, 900, 3 * 86_400, 34 * 86_400];

/** Somebody asks for a link by mail. */
export function request(world: World): void {
  const address = email(`person-${world.choices.below(3)}@example.org`);
  start(world, 'request', undefined, (ports) => requestLink(ports, { address, asset: assetName(FILE) }));
}

/** A program asks for a link. */
export function issue(world: World): void {
  const open: Opening = world.choices.pick(['confirm', 'direct']);
  const lifetimeSeconds = world.choices.pick(LIFETIMES);
  start(world, 'issue', undefined, async (ports, actor) => {
    const issued = await issueLink(ports, {
      asset: assetName(FILE),
      issuedBy: CALLER,
      lifetimeSeconds,
      open,
    });
    if (!issued.ok) return;
    const { record, token } = issued.value;
    if (world.books.find(record.tokenId)?.token !== token) {
      world.books.violate('one record, one token', `${actor.name} was handed another token`);
    }
    world.handedOut.add(token);
  });
}

/** The queue invokes the mail function with a message. */
export function deliver(world: World, message: Message): void {
  const entry = world.books.find(message.tokenId);
  const actor = start(
    world,
    'deliver',
    entry,
    async (ports, actor) => {
      const atStart = entry && stateSeenBy(actor, entry);
      const mailer = intercept(ports.mailer, async ({ args: [mail], proceed }) => {
        if (entry && atStart) judgeMail(world.books, actor, entry, atStart, mail as Mail);
        return await proceed();
      });
      const delivery = await deliverMail({ ...ports, mailer }, message.tokenId);
      world.count(delivery);
      if (delivery === 'mailed' && entry && isOfAnotherMonth(actor, entry))
        world.count('mailed in another month');
      // A message is deleted only once the function has answered well, and even then may be delivered again.
      if (world.choices.chance(0.15)) world.queue.release(message);
      else world.queue.delete(message);
    },
    () => world.queue.release(message),
  );
  world.queue.receive(message, actor);
}

/** Somebody presses the button, or a program GETs its link. */
export function redeem(world: World, entry: Entry): Actor {
  return attempt(world, 'redeem', entry, entry.record.open);
}

/** A scanner opens a link that a person must confirm, in the way of a program. */
export function lookByGet(world: World, entry: Entry): Actor {
  return attempt(world, 'look', entry, 'direct');
}

function attempt(world: World, operation: Operation, entry: Entry, opening: Opening): Actor {
  return start(world, operation, entry, async (ports, actor) => {
    const atStart = stateSeenBy(actor, entry);
    const { token } = entry;
    const redeemed = await redeemToken(ports, { token, opening, sourceAddress: '192.0.2.7', userAgent: '' });
    if (!redeemed.ok) {
      if (atStart === 'live' && redeemed.error.code === 'token_redeemed') world.count('lost the race');
      return refused(world, actor, entry, redeemed.error);
    }
    judgeRedemption(world.books, actor, entry, atStart, redeemed.value);
    world.count(actor.faults.includes('PutItem receipts') ? 'redeemed after a lost answer' : 'redeemed');
  });
}

/** Somebody looks at the page of a link. */
export function inspect(world: World, entry: Entry): void {
  start(world, 'inspect', entry, async (ports, actor) => {
    const atStart = stateSeenBy(actor, entry);
    const shown = await inspectToken(ports, entry.token);
    if (shown.ok) judgeShownLive(world.books, actor, entry, atStart);
    else refused(world, actor, entry, shown.error);
  });
}

/** An operator revokes a token. */
export function revoke(world: World, entry: Entry): void {
  start(world, 'revoke', entry, async (ports, actor) => {
    const revoked = await revokeToken(ports, entry.record.tokenId, OPERATOR);
    if (revoked.ok) judgeRevocation(world.books, actor, entry);
    else refused(world, actor, entry, revoked.error);
  });
}

/** Somebody asks for a new link on the word of an old one. */
export function renew(world: World, entry: Entry): void {
  start(world, 'renew', entry, async (ports, actor) => {
    const atStart = stateSeenBy(actor, entry);
    const renewed = await renewLink(ports, entry.token);
    if (renewed.ok) return world.count('renewed');
    if (renewed.error.code === 'still_live') judgeShownLive(world.books, actor, entry, atStart);
    else refused(world, actor, entry, renewed.error);
  });
}

/** Somebody says that a redemption was not theirs. */
export function report(world: World, entry: Entry): void {
  start(world, 'report', entry, async (ports, actor) => {
    const { ok: reported } = await reportRedemption(ports, entry.token);
    if (reported && entry.receipt?.kind !== 'redeemed') {
      world.books.violate('the answers are true', `${actor.name} reported what nobody redeemed`);
    }
  });
}

function isOfAnotherMonth(actor: Actor, { record }: Entry): boolean {
  return keyEpochOf(record.issuedAt) !== keyEpochOf(epochSeconds(actor.clock()));
}

function refused(world: World, actor: Actor, entry: Entry, error: Refusal | { readonly code: string }): void {
  judgeRefusal(world.books, actor, entry, error);
  world.count(error.code);
}

function start(
  world: World,
  operation: Operation,
  entry: Entry | undefined,
  act: (ports: Ports, actor: Actor) => Promise<void> | Promise<unknown>,
  onError: () => void = () => undefined,
): Actor {
  const actor = world.begin(operation, entry?.name ?? '');
  act(portsFor(world, actor, world.choices.pick(LIFETIMES)), actor)
    .catch((error: unknown) => {
      judgeError(world.books, actor, entry, error);
      onError();
      world.note(`${actor.name} fails: ${error}`);
    })
    .finally(() => {
      actor.state = 'finished';
    });
  return actor;
}
