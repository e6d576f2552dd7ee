import { createHash } from 'node:crypto';
import { noteDelivery, redeemToken, streamToken } from '../../lambda/domain/deliveries.ts';
import type { Delivery, Opening } from '../../lambda/domain/records.ts';
import { addressFromProxy } from '../../lambda/http/trusted-proxy.ts';
import { differing } from '../support/presence-codes.ts';
import type { Actor, Operation } from './actor.ts';
import { refuse, start } from './invocation.ts';
import type { Ports } from './ports.ts';
import { type Entry, stateSeenBy } from './referee.ts';
import { codeOf } from './rules-of-codes.ts';
import { judgeRedemption } from './rules-of-responses.ts';
import { judgeReissue } from './rules-of-second-chances.ts';
import { OUTSIDE } from './sources.ts';
import type { World } from './world.ts';

interface Attempt {
  readonly operation: Operation;
  readonly opening: Opening;
  readonly delivery: Delivery;
  readonly source?: string;
  readonly secret?: string | undefined;
  readonly code?: string | undefined;
}

/** Redeems a link as intended: with the button on its page, or with a program's GET. */
export function redeem(world: World, entry: Entry): Actor {
  const { open, delivery } = entry.record;
  return attempt(world, entry, { operation: OPERATIONS[delivery], opening: open, delivery });
}

/** Requests a redeemed link's file again, by default with the redeemer's secret. */
export function repeat(world: World, entry: Entry, secret = entry.secret): Actor {
  const { open, delivery } = entry.record;
  return attempt(world, entry, { operation: OPERATIONS[delivery], opening: open, delivery, secret });
}

/** Tries to redeem a link that asks for a code, by default with a wrong code. */
export function guess(world: World, entry: Entry, code = differing(codeOf(entry), 1)): Actor {
  const { open, delivery } = entry.record;
  return attempt(world, entry, { operation: OPERATIONS[delivery], opening: open, delivery, code });
}

/** Tries to redeem a link from an address outside its networks. */
export function redeemFromElsewhere(world: World, entry: Entry): Actor {
  const { open, delivery } = entry.record;
  return attempt(world, entry, {
    operation: OPERATIONS[delivery],
    opening: open,
    delivery,
    source: OUTSIDE,
  });
}

/** Tries to redeem a link with the wrong delivery: a redirect as a stream, and anything else as a redirect. */
export function redeemOtherwise(world: World, entry: Entry): Actor {
  const delivery = entry.record.delivery === 'redirect' ? 'stream' : 'redirect';
  return attempt(world, entry, {
    operation: OPERATIONS[delivery],
    opening: entry.record.open,
    delivery,
  });
}

/** Sends a GET, as a mail scanner does, to a link that a person must confirm. */
export function lookByGet(world: World, entry: Entry): Actor {
  const { delivery } = entry.record;
  return attempt(world, entry, { operation: 'look', opening: 'direct', delivery });
}

/**
 * The operation for each delivery. The model issues no stamped copies or zips, because redeeming them takes the same
 * steps as a stream.
 */
const OPERATIONS = {
  redirect: 'redeem',
  stream: 'stream',
  proxy: 'relay',
  watermark: 'stream',
  zip: 'stream',
} as const satisfies Record<Delivery, Operation>;

const SECRET = 'p'.repeat(43);
const SECRET_SHA256 = createHash('sha256').update(SECRET).digest('hex');

/** Returns whether a request is recognized as coming from the proxy. One that bypasses the proxy sends a wrong secret. */
function comesThroughProxy(delivery: Delivery, source: string): boolean {
  const secret = delivery === 'proxy' ? SECRET : 'x'.repeat(SECRET.length);
  const headers = new Map([
    ['x-proxy-secret', secret],
    ['x-real-ip', source],
  ]);
  return addressFromProxy((name) => headers.get(name), SECRET_SHA256) !== undefined;
}

function attempt(
  world: World,
  entry: Entry,
  { operation, opening, delivery, code = codeAskedBy(entry), ...caller }: Attempt,
): Actor {
  return start(world, {
    operation,
    entry,
    ...caller,
    code,
    act: async (ports, actor) => {
      const atStart = stateSeenBy(actor, entry);
      const wasReported = entry.reported;
      const request = {
        token: entry.token,
        opening,
        code,
        ...(comesThroughProxy(delivery, actor.source) && { throughProxy: true as const }),
        secretFor: () => actor.secret,
        sourceAddress: actor.source,
        userAgent: '',
      };
      const ended = await (delivery === 'stream' ? streamToken : redeemToken)(ports, request);
      if (!ended.ok) {
        if (atStart === 'live' && ended.error.code === 'token_redeemed') world.count('lost the race');
        return refuse(world, actor, entry, ended.error);
      }
      if (ended.value.reissued) {
        actor.told = 'reissued';
        judgeReissue(world.referee, actor, entry, ended.value, wasReported ? 'reported' : 'unreported');
        world.count('file' in ended.value ? 'streamed again' : 'handed out again');
        if ('file' in ended.value) await send(world, ports, ended.value);
        return;
      }
      actor.told = 'redeemed';
      judgeRedemption(world.referee, actor, entry, atStart, ended.value);
      const how = 'file' in ended.value ? 'streamed' : 'redeemed';
      world.count(actor.faults.includes('PutItem receipts') ? `${how} after a lost response` : how);
      if ('file' in ended.value) await send(world, ports, ended.value);
    },
  });
}

const codeAskedBy = (entry: Entry): string | undefined =>
  entry.record.presenceCode ? codeOf(entry) : undefined;

/** Streams the bytes to the end, or until the caller disconnects, and records which of the two happened. */
async function send(world: World, ports: Ports, streamed: Parameters<typeof noteDelivery>[1]): Promise<void> {
  const { file } = streamed;
  const goesAway = world.choices.chance(0.3);
  let bytes = 0;
  for await (const chunk of file.bytes) {
    bytes += chunk.length;
    if (goesAway) break;
  }
  file.abort();
  const event = goesAway ? 'aborted' : 'delivered';
  world.count(event);
  await noteDelivery(ports, streamed, { event, bytes });
}
