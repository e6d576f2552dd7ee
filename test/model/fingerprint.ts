import { createHash } from 'node:crypto';
import { isSet } from '../support/dynamo/expression-reader.ts';
import type { Actor } from './actor.ts';
import type { Branch } from './branch.ts';
import type { Step } from './scheduler.ts';
import type { World } from './world.ts';

/**
 * Returns a name for a schedule's state. The name covers the services' contents, what every function has learned and
 * when, the calls that are waiting or in flight, and the faults so far. What a function does next depends only on
 * what it has learned, so two schedules with the same name have the same future. Random IDs differ between schedules,
 * so each is renamed after the function that generated it.
 */
export function fingerprint({ world, spent }: Branch<World>): string {
  const { tables, ledger, queue, quota, files, scheduler, aliases } = world;
  const written = (value: unknown): string => {
    const renamed = [...aliases].reduce(
      (text, [id, alias]) => text.replaceAll(id, alias),
      JSON.stringify(value, (_key, member: unknown) => (isSet(member) ? sortedBy(member) : member)),
    );
    // A seal depends on its record's random ID.
    return renamed.replaceAll(/signature-\d+/g, 'signature').replaceAll(/"seal":"[^"]*"/g, '"seal"');
  };
  const sortedBy = (ids: ReadonlySet<unknown>) => [...ids].map((id) => aliases.get(String(id)) ?? id).sort();
  // The order in which rows were written does not matter.
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

/** Returns the part of a function's history that still matters. After its end, that is only what the rules check. */
function pastOf({ name, state, heard, told, faults, files }: Actor): unknown {
  return [name, state, state === 'running' ? heard : [told, faults, files]];
}
