import type { Setting } from './branch.ts';
import { Choices } from './choices.ts';
import { fingerprint } from './fingerprint.ts';
import { calm } from './profiles.ts';
import { judgeBalance, judgeRest } from './rules-at-rest.ts';
import { tryOnceMore } from './try-once-more.ts';
import { World } from './world.ts';

const BEGINNING = new Date('2031-05-17T10:20:30Z');

/** The setting for link scenarios. At the end, every token is tried once more. */
export const LINKS: Setting<World> = {
  create: () => new World(new Choices(1), calm, BEGINNING),
  quiet: new Set(['keys.keyFor', 'files.head', 'files.presign', 'pseudonyms.of']),
  identify: fingerprint,
  afterStep: judgeBalance,
  async atEnd(world) {
    judgeRest(world);
    for (const entry of world.referee.entries) await tryOnceMore(world, entry);
  },
};
