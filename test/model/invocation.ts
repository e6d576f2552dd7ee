import type { Actor, Operation } from './actor.ts';
import { type Ports, portsFor } from './ports.ts';
import type { Entry } from './referee.ts';
import { judgeNoticesAskedFor } from './rules-of-notices.ts';
import { judgeError, judgeRefusal, judgeWhatIsHeld } from './rules-of-responses.ts';
import type { Caller, World } from './world.ts';

/** Link lifetimes in seconds. The shortest can run out while a function runs, and the longest ends in another month. */
export const LIFETIMES: readonly number[] = [4, 25, 25, 900, 900, 3 * 86_400, 34 * 86_400];

/** What an invocation does, and on behalf of which caller. */
export interface Invocation extends Caller {
  readonly operation: Operation;
  /** The token that the invocation handles, if any. */
  readonly entry?: Entry | undefined;
  readonly act: (ports: Ports, actor: Actor) => Promise<unknown>;
  readonly onError?: () => void;
}

/** Invokes a function, which runs up to its first port call and waits there for its turn. */
export function start(
  world: World,
  { operation, entry, act, onError = () => undefined, ...caller }: Invocation,
): Actor {
  const actor = world.begin(operation, entry?.name ?? '', caller);
  act(portsFor(world, actor, world.choices.pick(LIFETIMES)), actor)
    .catch((error: unknown) => {
      judgeError(world.referee, actor, entry, error);
      onError();
      world.note(`${actor.name} fails: ${error}`);
    })
    .finally(() => {
      actor.state = 'finished';
      judgeWhatIsHeld(world.referee, actor, entry);
      judgeNoticesAskedFor(world.referee, actor, entry);
    });
  return actor;
}

export interface Refused {
  readonly code: string;
}

/** Checks and counts the refusal of a genuine token. */
export function refuse(world: World, actor: Actor, entry: Entry, error: Refused): void {
  actor.told = error.code;
  judgeRefusal(world.referee, actor, entry, error);
  world.count(error.code);
}
