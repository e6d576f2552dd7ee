import type { ScanTag } from '../../../lambda/domain/uploads/ports.ts';
import { PATIENCE_SECONDS } from '../../../lambda/domain/uploads/states.ts';
import { pdf } from '../../support/sample-files.ts';
import type { Disturbances, Scenario, Setting } from '../branch.ts';
import { Choices } from '../choices.ts';
import { drain } from '../moves.ts';
import { calm } from '../profiles.ts';
import { fingerprintOfUploads } from './fingerprint.ts';
import { cancel, finalize, judge, type OpenSession, open, review, sign, sweep } from './operations.ts';
import { judgeSlots } from './rules-at-rest.ts';
import { scan, settle } from './settle.ts';
import { SESSION_SECONDS, UploadWorld } from './world.ts';

const BEGINNING = new Date('2031-05-17T10:20:30Z');
const NAMED = { name: 'a'.repeat(64), digest: 'original' };
const MIB = 1024 ** 2;

/** The setting for upload scenarios. At the end, all remaining work is done. */
const UPLOADS: Setting<UploadWorld> = {
  create: () => new UploadWorld(new Choices(1), calm, BEGINNING),
  quiet: new Set(['quarantine.presignPut', 'quarantine.firstBytes']),
  identify: fingerprintOfUploads,
  afterStep: judgeSlots,
  atEnd: settle,
};

/** An event in a race about one upload: an operation, the passing of time, or a message about a version. */
type Event =
  | 'open'
  | 'sign'
  | 'send'
  | 'post'
  | 'finalize'
  | 'cancel'
  | 'release'
  | 'reject'
  | 'sweep'
  | 'nearly the end'
  | 'one second'
  | 'no verdict'
  | 'one call'
  | `arrived ${string}`
  | `${'clean' | 'threats' | 'failed'} ${string}`;

export interface UploadRace extends Disturbances, Pick<Scenario<UploadWorld>, 'turns'> {
  /** The events before the race, one after the other. */
  readonly after: readonly Event[];
  /** The concurrent events. */
  readonly between: readonly Event[];
  /** How the file is sent: in one PUT if omitted. */
  readonly sent?: 'in parts';
}

/** Returns a scenario in which several functions handle one upload concurrently. */
export function uploadRace({ after, between, sent, ...rules }: UploadRace): Scenario<UploadWorld> {
  return {
    ...rules,
    setting: UPLOADS,
    begin: async (world) => {
      world.sessions.push({
        name: 's1',
        kind: sent === undefined ? 'sha256' : 'crc64nvme',
        file: pdf('good', sent === undefined ? 2048 : 20 * MIB),
        repetition: NAMED,
        requests: [],
      });
      for (const event of after) {
        await happen(world, event);
        await drain(world);
      }
      for (const event of between) await happen(world, event);
    },
    endingOf: ({ rows: [row] }) => (row === undefined ? 'nothing' : [row.state, row.reason].join(' ').trim()),
  };
}

const TAGS: Readonly<Record<string, ScanTag>> = {
  clean: 'NO_THREATS_FOUND',
  threats: 'THREATS_FOUND',
  failed: 'FAILED',
};

async function happen(world: UploadWorld, event: Event): Promise<void> {
  const [session] = world.sessions;
  if (session === undefined) throw new Error('There is no session');
  const known = session as OpenSession;
  const happenings: Readonly<Record<string, () => unknown>> = {
    open: () => open(world, session),
    sign: () => sign(world, known),
    send: () => session.requests.map((request) => world.quarantine.send(request, session.file)),
    post: () => world.quarantine.post(known.uploadId, session.file),
    finalize: () => finalize(world, known),
    cancel: () => cancel(world, known),
    release: () => review(world, known, 'release'),
    reject: () => review(world, known, 'reject'),
    sweep: () => sweep(world),
    'nearly the end': () => world.time.advance(SESSION_SECONDS - 1),
    'one second': () => world.time.advance(1),
    'no verdict': () => world.time.advance(PATIENCE_SECONDS),
    'one call': () => callOnce(world),
  };
  const happening = happenings[event] ?? (() => message(world, known, event));
  await happening();
}

/** Lets every waiting function make one call. */
async function callOnce({ scheduler }: UploadWorld): Promise<void> {
  await scheduler.settle();
  for (const step of [...scheduler.waiting]) await scheduler.run(step, 'done');
}

/** Delivers the message about a version: that it has arrived, or that the scanner has judged it. */
function message(world: UploadWorld, { uploadId }: OpenSession, event: string): void {
  const [what = '', versionId = ''] = event.split(' ');
  const tag = TAGS[what];
  if (tag !== undefined) scan(world, { uploadId, versionId }, tag);
  const found = world.queue.visible.find(
    (queued) => queued.versionId === versionId && (queued.kind === 'arrived') === (tag === undefined),
  );
  if (found === undefined) throw new Error(`No message matches "${event}"`);
  judge(world, found);
}
