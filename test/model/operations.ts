import { deliverMail } from '../../lambda/domain/deliver-mail.ts';
import { deliverNotice } from '../../lambda/domain/deliver-notice.ts';
import { epochSeconds } from '../../lambda/domain/ids.ts';
import { inspectToken } from '../../lambda/domain/inspect-token.ts';
import { keyEpochOf } from '../../lambda/domain/key-epoch.ts';
import type { Mail } from '../../lambda/domain/ports.ts';
import { renewLink } from '../../lambda/domain/renew-link.ts';
import { reportRedemption } from '../../lambda/domain/report-redemption.ts';
import { requestLink } from '../../lambda/domain/request-link.ts';
import { revokeToken } from '../../lambda/domain/revoke-token.ts';
import { intercept } from '../support/intercept.ts';
import { PRESENCE_KEY } from '../support/presence-codes.ts';
import { assetName, email } from '../support/values.ts';
import type { Actor } from './actor.ts';
import { refuse, start } from './invocation.ts';
import type { Ports } from './ports.ts';
import { type Entry, stateSeenBy } from './referee.ts';
import { judgeNotice } from './rules-of-notices.ts';
import {
  judgeMail,
  judgeOneMail,
  judgeRenewal,
  judgeRevocation,
  judgeShownLive,
} from './rules-of-responses.ts';
import type { Message } from './simulated-queue.ts';
import { FILE, type World } from './world.ts';

const OPERATOR = 'arn:aws:iam::111122223333:role/operator';

/** Requests a link through the form. */
export function request(world: World): void {
  const address = email(`person-${world.choices.below(3)}@example.org`);
  const presenceKey = world.choices.chance(0.4) ? async () => PRESENCE_KEY : undefined;
  start(world, {
    operation: 'request',
    act: (ports) => requestLink({ ...ports, presenceKey }, { address, asset: assetName(FILE) }),
  });
}

/** Invokes the mail function with a message from the queue. */
export function deliver(world: World, message: Message): void {
  const entry = world.referee.find(message.tokenId);
  const actor = start(world, {
    operation: 'deliver',
    entry,
    act: async (ports, actor) => {
      const isLink = message.kind === 'link';
      const outcome = await (isLink ? deliverLink : tellIssuer)(world, ports, actor, message);
      // A message is deleted only after the function succeeds, and may be delivered again even then.
      if (outcome === 'busy' || world.choices.chance(0.15)) world.queue.release(message);
      else world.queue.delete(message);
    },
    onError: () => world.queue.release(message),
  });
  world.queue.receive(message, actor);
}

async function deliverLink(
  world: World,
  ports: Ports,
  actor: Actor,
  { tokenId }: Message,
): ReturnType<typeof deliverMail> {
  const entry = world.referee.find(tokenId);
  const atStart = entry && stateSeenBy(actor, entry);
  const mailer = intercept(ports.mailer, async ({ args: [mail], proceed }) => {
    if (entry && atStart) {
      judgeMail(world.referee, actor, entry, atStart, mail as Mail);
      judgeOneMail(world.referee, actor, entry);
    }
    return await proceed();
  });
  const delivery = await deliverMail({ ...ports, mailer }, tokenId);
  world.count(delivery);
  if (delivery === 'mailed' && entry && isOfAnotherMonth(actor, entry))
    world.count('mailed in another month');
  return delivery;
}

async function tellIssuer(
  world: World,
  ports: Ports,
  actor: Actor,
  { tokenId }: Message,
): ReturnType<typeof deliverNotice> {
  const entry = world.referee.find(tokenId);
  const mailer = intercept(ports.mailer, async ({ args: [mail], proceed }) => {
    if (entry) judgeNotice(world.referee, actor, entry, mail as Mail);
    return await proceed();
  });
  const delivery = await deliverNotice({ ...ports, mailer }, tokenId);
  world.count(delivery);
  return delivery;
}

/** Opens the page of a link. */
export function inspect(world: World, entry: Entry, source?: string): void {
  start(world, {
    operation: 'inspect',
    entry,
    source,
    act: async (ports, actor) => {
      const atStart = stateSeenBy(actor, entry);
      const shown = await inspectToken(ports, entry.token, actor.source);
      if (shown.ok) judgeShownLive(world.referee, actor, entry, atStart);
      else refuse(world, actor, entry, shown.error);
    },
  });
}

/** Revokes a token as the operator. */
export function revoke(world: World, entry: Entry): Actor {
  return start(world, {
    operation: 'revoke',
    entry,
    act: async (ports, actor) => {
      const revocation = { by: OPERATOR, reach: { kind: 'all' } } as const;
      const revoked = await revokeToken(ports, entry.record.tokenId, revocation);
      if (!revoked.ok) return refuse(world, actor, entry, revoked.error);
      actor.told = 'revoked';
      judgeRevocation(world.referee, actor, entry);
    },
  });
}

/** Tries to renew a link, which succeeds only after the link has ended. */
export function renew(world: World, entry: Entry): void {
  start(world, {
    operation: 'renew',
    entry,
    act: async (ports, actor) => {
      const atStart = stateSeenBy(actor, entry);
      const renewed = await renewLink(ports, entry.token);
      if (renewed.ok) {
        judgeRenewal(world.referee, actor, entry);
        world.count('renewed');
      } else if (renewed.error.code === 'still_live') judgeShownLive(world.referee, actor, entry, atStart);
      else refuse(world, actor, entry, renewed.error);
    },
  });
}

/** Reports that somebody else redeemed a link. */
export function report(world: World, entry: Entry): void {
  start(world, {
    operation: 'report',
    entry,
    act: async (ports, actor) => {
      const { ok: reported } = await reportRedemption(ports, entry.token);
      entry.reported ||= reported;
      if (reported && entry.receipt?.kind !== 'redeemed') {
        world.referee.violate(
          'every response is correct',
          `${actor.name} reported a link that was never redeemed`,
        );
      }
    },
  });
}

function isOfAnotherMonth(actor: Actor, { record }: Entry): boolean {
  return keyEpochOf(record.issuedAt) !== keyEpochOf(epochSeconds(actor.clock()));
}
