import { epochSeconds, secondsAfter } from '../../../lambda/domain/ids.ts';
import type { ScanTag } from '../../../lambda/domain/uploads/ports.ts';
import { PATIENCE_SECONDS } from '../../../lambda/domain/uploads/states.ts';
import { STRANGER } from '../../support/memory-upload-world.ts';
import { pdf } from '../../support/sample-files.ts';
import { callMoves, FUNCTION_TIMEOUT_SECONDS, type Move } from '../moves.ts';
import {
  cancel,
  download,
  finalize,
  judge,
  type OpenSession,
  open,
  review,
  sign,
  sweep,
} from './operations.ts';
import { scan } from './settle.ts';
import { SESSION_SECONDS, type Session, type UploadWorld } from './world.ts';

/** How much rarer other events are than calls. Without this factor, many functions would begin and few would end. */
const CALLS_BETWEEN = 4;
const MOST_SESSIONS = 5;
const MIB = 1024 ** 2;
const FORGED = pdf('something else');

/** Makes one move: executes a pending call, kills a function, invokes functions, or triggers an outside event. */
export async function moveUploads(world: UploadWorld): Promise<void> {
  const others = [...tenantMoves(world), ...messageMoves(world), ...outsideMoves(world)];
  await world.choices.weighted([
    ...callMoves(world),
    ...others.map(([weight, happen]): Move => [weight / CALLS_BETWEEN, happen]),
  ])();
  await world.scheduler.settle();
}

function tenantMoves(world: UploadWorld): Move[] {
  const { choices, sessions } = world;
  const named = sessions.filter(({ repetition }) => repetition !== undefined);
  const known = sessions.filter((session): session is OpenSession => session.uploadId !== undefined);
  const some = known.length > 0 ? 1 : 0;
  const one = () => choices.pick(known);
  const parts = known.filter(({ kind }) => kind === 'crc64nvme');
  const parked = known.filter(({ uploadId }) => world.rowOf(uploadId)?.state === 'parked');
  const strangers = [finalize, cancel, download, sign];
  return [
    [sessions.length < MOST_SESSIONS ? 4 : 0, () => void open(world, newSession(world))],
    [named.length > 0 ? 2 : 0, () => void open(world, choices.pick(named))],
    [parts.length > 0 ? 4 : 0, () => void sign(world, choices.pick(parts))],
    [4 * some, () => void finalize(world, one())],
    [1 * some, () => finalizeTwice(world, one())],
    [0.3 * some, () => void cancel(world, one())],
    [1 * some, () => void download(world, one())],
    [1 * some, () => void choices.pick(strangers)(world, one(), STRANGER)],
    [0.3 * some, () => void review(world, one(), choices.pick(['release', 'reject', 'rescan']))],
    [
      parked.length > 0 ? 1.5 : 0,
      () => void review(world, choices.pick(parked), choices.pick(['release', 'rescan'])),
    ],
    [1, () => void sweep(world)],
  ];
}

function newSession(world: UploadWorld): Session {
  const { choices, sessions } = world;
  const name = `s${sessions.length + 1}`;
  const isMultipart = choices.chance(0.25);
  const session: Session = {
    name,
    kind: isMultipart ? 'crc64nvme' : 'sha256',
    file: choices.weighted([
      [6, pdf(`${name} good`, isMultipart ? 20 * MIB : 2048)],
      [2, pdf(`${name} malware`)],
      [1, { text: `${name} not a PDF`, size: 2048 }],
    ]),
    requests: [],
    ...(choices.chance(0.7) && {
      repetition: { name: name.padEnd(64, '0'), digest: 'original' },
    }),
  };
  sessions.push(session);
  return session;
}

function finalizeTwice(world: UploadWorld, session: OpenSession): void {
  finalize(world, session);
  finalize(world, session);
}

function messageMoves(world: UploadWorld): Move[] {
  const { choices, queue, scans } = world;
  const waits = queue.visible.length > 0;
  return [
    [waits ? 10 : 0, () => void judge(world, choices.pick(queue.visible))],
    [waits ? 1 : 0, () => void queue.visible.push({ ...choices.pick(queue.visible) })],
    [waits ? 0.5 : 0, () => lose(world)],
    [queue.abandoned.length > 0 ? 4 : 0, () => queue.release(choices.pick(queue.abandoned))],
    [queue.dead.length > 0 ? 2 : 0, () => queue.redrive()],
    [scans.length > 0 ? 8 : 0, () => scanNext(world)],
    [world.quarantine.versions.length > 0 ? 0.5 : 0, () => forge(world)],
  ];
}

/** Moves a message to the dead-letter queue, so that it is not delivered before a redrive. */
function lose({ choices, queue }: UploadWorld): void {
  queue.dead.push(...queue.visible.splice(choices.below(queue.visible.length), 1));
}

/** Lets the scanner tag a version and send a message, only tag it, or skip it. */
function scanNext(world: UploadWorld): void {
  const { choices, scans } = world;
  const [version] = scans.splice(choices.below(scans.length), 1);
  if (version === undefined) return;
  const { uploadId, versionId } = version;
  const text = world.quarantine.versionOf(uploadId, versionId)?.file.text ?? '';
  const tag = choices.weighted<ScanTag>([
    [text.includes('malware') ? 0 : 8, 'NO_THREATS_FOUND'],
    [text.includes('malware') ? 8 : 0.5, 'THREATS_FOUND'],
    [1, 'FAILED'],
    [0.5, 'UNSUPPORTED'],
    [0.5, 'ACCESS_DENIED'],
  ]);
  choices.weighted<() => void>([
    [8, () => scan(world, version, tag)],
    [1, () => world.quarantine.tag(uploadId, versionId, tag)],
    [2, () => undefined],
  ])();
}

/** Queues a forged message that claims a clean verdict, as anyone who can write to the queue might. */
function forge(world: UploadWorld): void {
  const { uploadId, versionId } = world.choices.pick(world.quarantine.versions);
  world.queue.put({ kind: 'scanned', uploadId, versionId, result: 'clean' });
  world.note(`somebody claims that ${versionId} of ${world.nameOf(uploadId)} is clean`);
}

function outsideMoves(world: UploadWorld): Move[] {
  const { choices, sessions, slow } = world;
  const senders = sessions.filter(({ requests }) => requests.length > 0);
  // No form is issued for a file that is sent in parts.
  const posted = sessions.filter(
    (session): session is OpenSession => session.uploadId !== undefined && session.kind === 'sha256',
  );
  return [
    [senders.length > 0 ? 8 : 0, () => send(world, choices.pick(senders))],
    [slow.length > 0 ? 6 : 0, () => void slow.splice(choices.below(slow.length), 1)[0]?.()],
    [posted.length > 0 ? 0.4 : 0, () => post(world, choices.pick(posted))],
    [4, () => passTime(world)],
  ];
}

/** Sends a file, usually the declared one, with any request ever signed for the session. Some requests are slow. */
function send(world: UploadWorld, { name, requests, file }: Session): void {
  const { choices, quarantine } = world;
  const begun = quarantine.begin(choices.pick(requests), choices.chance(0.9) ? file : FORGED);
  if (typeof begun !== 'number' && choices.chance(0.3)) {
    world.slow.push(begun);
    return;
  }
  const response = typeof begun === 'number' ? begun : begun();
  world.count(`S3 responds with ${response}`);
  world.note(`the sender of ${name} gets ${response}`);
}

/** Stores another version, as a form can, with the same or different bytes. */
function post(world: UploadWorld, { name, uploadId, file }: OpenSession): void {
  const { versionId } = world.quarantine.post(uploadId, world.choices.pick([file, FORGED]));
  world.note(`somebody posts ${versionId} of ${name}`);
}

function passTime(world: UploadWorld): void {
  const { choices, time, scheduler } = world;
  const seconds = choices.weighted<number>([
    [12, 1 + choices.below(4)],
    [0.5, 130],
    [0.7, PATIENCE_SECONDS + 1],
    [0.2, SESSION_SECONDS - 30],
  ]);
  time.advance(seconds);
  world.note(`${seconds} s pass`);
  const limit = secondsAfter(world.now, -FUNCTION_TIMEOUT_SECONDS);
  for (const actor of world.running) if (epochSeconds(actor.startedAt) < limit) scheduler.kill(actor);
  if (seconds > FUNCTION_TIMEOUT_SECONDS) scheduler.dropInFlight();
}
