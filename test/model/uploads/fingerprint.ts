import { createHash } from 'node:crypto';
import type { Branch } from '../branch.ts';
import type { Step } from '../scheduler.ts';
import type { UploadActor, UploadWorld } from './world.ts';

/**
 * Returns a name for a schedule's state. The name covers the services' contents, what every function has learned, the
 * calls that are waiting or in flight, and the faults so far. Unlike link IDs, upload IDs need no renaming, because they
 * are derived or sequential.
 */
export function fingerprintOfUploads({ world, spent }: Branch<UploadWorld>): string {
  const { tables, history, quarantine, queue, quota, scans, scheduler } = world;
  const sorted = (items: Iterable<unknown>) => [...items].map((item) => JSON.stringify(item)).sort();
  const state = [
    spent,
    world.now,
    world.actors.map(pastOf),
    [scheduler.waiting, scheduler.inFlight].map((steps) => sorted(steps.map(nameOf))),
    sorted(tables.rows('uploads').values()),
    sorted(history.lines),
    quarantine.versions,
    [...quarantine.multiparts].map(([id, { parts }]) => [id, [...parts]]),
    [queue.visible, queue.dead, queue.abandoned, scans].map(sorted),
    quota.countOf(''),
    [...world.published],
  ];
  return createHash('sha256').update(JSON.stringify(state)).digest('base64');
}

function nameOf({ actor, label }: Step): string {
  return `${actor.name} ${label}`;
}

/** Returns the part of a function's history that still matters. After its end, that is only what the rules check. */
function pastOf({ name, state, heard, told, faults }: UploadActor): unknown {
  return [name, state, state === 'running' ? heard : [told, faults]];
}
