import { Unavailable } from '../../../lambda/domain/errors.ts';
import type { Tenant, UploadId } from '../../../lambda/domain/ids.ts';
import { cancelUpload } from '../../../lambda/domain/uploads/cancel-upload.ts';
import { downloadObject } from '../../../lambda/domain/uploads/download-object.ts';
import { finalizeUpload } from '../../../lambda/domain/uploads/finalize-upload.ts';
import { judgeUpload, type Message, TagMissing } from '../../../lambda/domain/uploads/judge-upload.ts';
import { openUpload } from '../../../lambda/domain/uploads/open-upload.ts';
import { type Decision, reviewUpload } from '../../../lambda/domain/uploads/review-upload.ts';
import { hasEnded } from '../../../lambda/domain/uploads/states.ts';
import { sweepUploads } from '../../../lambda/domain/uploads/sweep-uploads.ts';
import { objectOf, partsOf } from '../../../lambda/domain/uploads/upload.ts';
import { signParts } from '../../../lambda/domain/uploads/upload-parts.ts';
import { STRANGER, TENANT } from '../../support/memory-upload-world.ts';
import { declared } from '../../support/sample-files.ts';
import { portsFor, type UploadPorts } from './ports.ts';
import type { Session, UploadActor, UploadOperation, UploadWorld } from './world.ts';

/** A session whose client knows its ID. */
export type OpenSession = Session & { uploadId: UploadId };

const OPERATOR = 'arn:aws:iam::111122223333:role/operator';

/** Opens a session, for the first time or again. */
export function open(world: UploadWorld, session: Session): UploadActor {
  return start(world, 'open', session.name, async (ports, actor) => {
    const request = { tenant: TENANT, ...declared(session.file, session.kind) };
    const opened = await openUpload(ports, request, session.repetition);
    actor.told = opened.ok ? 'opened' : opened.error.code;
    world.count(actor.told);
    if (!opened.ok) return;
    const { upload, put } = opened.value;
    if (session.uploadId !== undefined && session.uploadId !== upload.uploadId) {
      world.violate('every response is correct', `${actor.name} got a different session than before`);
    }
    session.uploadId = upload.uploadId;
    if (put !== undefined) session.requests.push(put);
  });
}

/** Signs the requests for all parts of a file. */
export function sign(world: UploadWorld, session: OpenSession, tenant = TENANT): UploadActor {
  const { partCount } = partsOf(session.file.size);
  const partNumbers = Array.from({ length: partCount }, (_, index) => index + 1);
  return start(world, 'sign', session.name, async (ports, actor) => {
    const signed = await signParts(ports, { uploadId: session.uploadId, tenant, partNumbers });
    tell(world, actor, tenant, signed.ok ? 'signed' : signed.error.code);
    if (signed.ok) session.requests.push(...signed.value.parts);
  });
}

export function finalize(world: UploadWorld, { name, uploadId }: OpenSession, tenant = TENANT): UploadActor {
  return start(world, 'finalize', name, async (ports, actor) => {
    const finalized = await finalizeUpload(ports, uploadId, tenant);
    tell(world, actor, tenant, finalized.ok ? finalized.value.state : finalized.error.code);
    if (!finalized.ok) return;
    const { state, version } = finalized.value;
    const row = world.rowOf(uploadId);
    if (state === 'published' && world.published.get(uploadId) !== version?.versionId) {
      world.violate('every response is correct', `${actor.name} was told that ${name} is published`);
    }
    if (state !== 'rejected' && row?.version?.versionId !== version?.versionId) {
      world.violate(
        'every response is correct',
        `${actor.name} was told of a version other than the pinned one`,
      );
    }
  });
}

export function cancel(world: UploadWorld, { name, uploadId }: OpenSession, tenant = TENANT): UploadActor {
  return start(world, 'cancel', name, async (ports, actor) => {
    const cancelled = await cancelUpload(ports, uploadId, tenant);
    tell(world, actor, tenant, cancelled.ok ? 'cancelled' : cancelled.error.code);
    const row = world.rowOf(uploadId);
    if (cancelled.ok && row && (!hasEnded(row) || row.state === 'published')) {
      world.violate(
        'every response is correct',
        `${actor.name} was told that ${name} has ended: ${row.state}`,
      );
    }
  });
}

/** Asks for the URL of an object. */
export function download(world: UploadWorld, { name, uploadId }: OpenSession, tenant = TENANT): UploadActor {
  return start(world, 'download', name, async (ports, actor) => {
    const got = await downloadObject(ports, { objectId: objectOf(uploadId), tenant, seconds: 60 });
    tell(world, actor, tenant, got.ok ? 'downloaded' : got.error.code);
    if (!got.ok) return;
    if (new URL(got.value.url).searchParams.get('versionId') !== world.published.get(uploadId)) {
      world.violate('only approved versions are published', `${actor.name} got a URL for another version`);
    }
  });
}

/** Invokes the function that consumes messages about objects. */
export function judge(world: UploadWorld, message: (typeof world.queue.visible)[number]): UploadActor {
  const { uploadId, versionId } = message;
  const actor = start(
    world,
    'judge',
    `${message.kind} ${world.nameOf(uploadId)} ${versionId}`,
    async (ports, self) => {
      self.told = await judgeUpload(ports, message);
      world.queue.delete(message);
      world.count(self.told);
      judgeThreats(world, self, message);
    },
    () => world.queue.release(message),
  );
  world.queue.receive(message, actor);
  return actor;
}

export function sweep(world: UploadWorld): UploadActor {
  return start(world, 'sweep', '', async (ports, actor) => {
    const swept = await sweepUploads(ports, (cause) => judgeError(world, actor, cause));
    for (const [what, times] of Object.entries(swept)) if (times > 0) world.count(`swept: ${what}`);
  });
}

/** Reviews an upload as the operator. */
export function review(
  world: UploadWorld,
  { name, uploadId }: Pick<OpenSession, 'name' | 'uploadId'>,
  decision: Decision,
): UploadActor {
  return start(world, 'review', `${decision} ${name}`, async (ports, actor) => {
    const reviewed = await reviewUpload(ports, { uploadId, decision, by: OPERATOR });
    actor.told = reviewed.ok ? decision : reviewed.error.code;
    world.count(actor.told);
    if (reviewed.ok && decision === 'release' && !world.published.has(uploadId)) {
      world.violate('every response is correct', `${actor.name} was told that ${name} is published`);
    }
  });
}

/** Invokes a function, which runs up to its first port call and waits there for its turn. */
function start(
  world: UploadWorld,
  operation: UploadOperation,
  about: string,
  act: (ports: UploadPorts, actor: UploadActor) => Promise<void>,
  onError: () => void = () => undefined,
): UploadActor {
  const actor = world.begin(operation, about);
  act(portsFor(world, actor), actor)
    .catch((error: unknown) => {
      judgeError(world, actor, error);
      onError();
      world.note(`${actor.name} fails: ${error}`);
    })
    .finally(() => {
      actor.state = 'finished';
    });
  return actor;
}

/** Records the response to a tenant, and checks that strangers get only `not_found`, and that owners never get it. */
function tell(world: UploadWorld, actor: UploadActor, tenant: Tenant, told: string): void {
  actor.told = told;
  world.count(tenant === STRANGER ? 'a stranger asked' : told);
  if ((told === 'not_found') !== (tenant === STRANGER)) {
    world.violate('tenants reach only their own uploads', `${actor.name} of ${tenant} was told ${told}`);
  }
}

function judgeError(world: UploadWorld, actor: UploadActor, error: unknown): void {
  const isExpected = error instanceof TagMissing || (error instanceof Unavailable && actor.faults.length > 0);
  if (!isExpected) world.violate('nothing fails without a fault', `${actor.name}: ${error}`);
}

/** Checks that threats in the pinned version, or in any version before one was pinned, have ended the upload. */
function judgeThreats(world: UploadWorld, actor: UploadActor, message: Message): void {
  if (message.kind !== 'scanned' || message.result !== 'threats') return;
  const row = world.rowOf(message.uploadId);
  if (row === undefined || (row.version && row.version.versionId !== message.versionId)) return;
  if (row.state !== 'rejected' && row.state !== 'expired') {
    world.violate('threats end an upload', `${actor.name} left an upload with threats ${row.state}`);
  }
}
