import { explore } from '../exploration.ts';
import type { Outcome } from '../schedule.ts';
import { type UploadRace, uploadRace } from './race.ts';

const SENT = ['open', 'send'] as const;

/** The smallest scenarios that expose every seeded bug that is a matter of order. */
const SMALLEST: readonly UploadRace[] = [
  { after: SENT, between: ['finalize', 'clean v1'], kills: 1 },
  { after: [...SENT, 'post'], between: ['finalize', 'clean v1'] },
  { after: [...SENT, 'post'], between: ['finalize', 'arrived v1'], kills: 1 },
  { after: [...SENT, 'failed v1'], between: ['finalize', 'one call', 'one call', 'post', 'finalize'] },
  { after: [...SENT, 'finalize', 'failed v1'], between: ['release', 'threats v1'] },
  { after: [...SENT, 'nearly the end'], between: ['finalize', 'one call', 'one second', 'sweep'] },
];

/** Searches every interleaving of a few small scenarios until one violates a rule. */
export async function searchUploadInterleavings(): Promise<{
  readonly broken: Outcome | undefined;
  readonly schedules: number;
}> {
  let schedules = 0;
  for (const race of SMALLEST) {
    const found = await explore(uploadRace(race));
    schedules += Number(found.schedules);
    if (found.broken !== undefined) return { broken: found.broken, schedules };
  }
  return { broken: undefined, schedules };
}
