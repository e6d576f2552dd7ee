import { createHash } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Branch } from './branch.ts';
import type { Step } from './scheduler.ts';

/**
 * Names the state of a schedule: what the services hold, what every function has heard and when, what is under way,
 * and what went wrong already. A function is a function of what it has heard, so two schedules whose states have one
 * name have the same future. Ids that are drawn at random are named after the function that drew them.
 */
export function fingerprint({ world, spent }: Branch): string {
  const { tables, ledger, queue, quota, files, scheduler, aliases } = world;
  const text = JSON.stringify([
    spent,
    world.now,
    world.actors.map(pastOf),
    [scheduler.waiting, scheduler.inFlight].map(named),
    ['tokens', 'receipts', 'plans'].map((table) => sorted(tables.rows(table).values())),
    sorted(ledger.entries),
    sorted(queue.everSent),
    quota.countOf(''),
    files.openFiles,
  ]);
  const renamed = [...aliases].reduce((before, [id, alias]) => before.replaceAll(id, alias), text);
  return createHash('sha256')
    .update(renamed.replaceAll(/signature-\d+/g, 'signature'))
    .digest('base64');
}

/** What still matters of what a function went through: once it has ended, only what it leaves to be judged. */
function pastOf({ name, state, heard, told, faults, files }: Actor): unknown {
  return [name, state, state === 'running' ? heard : [told, faults, files]];
}

function named(steps: readonly Step[]): readonly string[] {
  return steps.map(({ actor, label }) => `${actor.name} ${label}`).sort();
}

function sorted(rows: Iterable<unknown>): readonly string[] {
  return [...rows].map((row) => JSON.stringify(row)).sort();
}
