import { createHash } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Branch } from './branch.ts';
import type { Step } from './scheduler.ts';

/**
 * Names the state of a schedule: what the services hold, what every function has heard and when, what waits or is under
 * way, and what went wrong already. What a function does next follows from what it has heard, so two schedules whose
 * states have one name have the same future. Ids that are drawn at random are named after the function that drew them.
 */
export function fingerprint({ world, spent }: Branch): string {
  const { tables, ledger, queue, quota, files, scheduler, aliases } = world;
  const written = (value: unknown): string => {
    const renamed = [...aliases].reduce(
      (text, [id, alias]) => text.replaceAll(id, alias),
      JSON.stringify(value),
    );
    // A seal follows from the record that it is on, random id included.
    return renamed.replaceAll(/signature-\d+/g, 'signature').replaceAll(/"seal":"[^"]*"/g, '"seal"');
  };
  // In which order rows were written, nobody can tell afterwards.
  const sorted = (rows: Iterable<unknown>) => [...rows].map(written).sort();
  const state = [
    spent,
    world.now,
    world.actors.map((actor) => written(pastOf(actor))),
    [scheduler.waiting, scheduler.inFlight].map((steps) => sorted(steps.map(nameOf))),
    ['tokens', 'receipts', 'plans'].map((table) => sorted(tables.rows(table).values())),
    sorted(ledger.entries),
    sorted(queue.everSent),
    quota.countOf(''),
    files.openFiles,
  ];
  return createHash('sha256').update(JSON.stringify(state)).digest('base64');
}

function nameOf({ actor, label }: Step): string {
  return `${actor.name} ${label}`;
}

/** What still matters of what a function went through: once it has ended, only what it leaves to be judged. */
function pastOf({ name, state, heard, told, faults, files }: Actor): unknown {
  return [name, state, state === 'running' ? heard : [told, faults, files]];
}
