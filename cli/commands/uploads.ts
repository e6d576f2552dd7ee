import { Argument, Option } from '@commander-js/extra-typings';
import { callApiOrFail } from '../tvm/api.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { momentText, sizeText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { allOption, type LimitOptions, limitOf, limitOption, printListed } from '../tvm/list-pages.ts';
import type { Session } from '../tvm/session.ts';
import type { ApiCall } from '../tvm/sigv4-fetch.ts';
import type { Column } from '../tvm/table.ts';
import { understood } from '../tvm/understood.ts';
import { listUploads } from '../uploads/list-uploads.ts';
import {
  OPEN_STATES,
  ReviewedUpload,
  readUploadId,
  UPLOAD_STATES,
  type UploadState,
  UploadWithHistory,
} from '../uploads/upload.ts';
import { uploadFacts } from '../uploads/upload-facts.ts';

interface ListOptions extends LimitOptions {
  readonly state?: UploadState | undefined;
}

const ACTIONS = ['list', 'show', 'release', 'reject', 'rescan'] as const;
type Decision = Exclude<(typeof ACTIONS)[number], 'list' | 'show'>;

const COLUMNS: readonly Column<ReviewedUpload>[] = [
  { title: 'ID', of: ({ uploadId }) => uploadId },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'REASON', of: ({ reason = '' }) => reason },
  {
    title: 'CHANGED',
    of: ({ changedAt }) => momentText(new Date(changedAt)),
    plain: ({ changedAt }) => changedAt,
    fromWidth: 100,
  },
  {
    title: 'SIZE',
    of: ({ size }) => (size === undefined ? '' : sizeText(size)),
    plain: ({ size = '' }) => String(size),
    align: 'right',
  },
  { title: 'FILE', of: ({ fileName }) => fileName, shrink: 'shorten' },
  { title: 'TENANT', of: ({ tenant }) => tenant, shrink: 'shorten', fromWidth: 120 },
];

/**
 * `tvm uploads` lists uploads, shows one, or releases, rejects, or rescans one. `--json` prints them as the API returns
 * them.
 */
export const uploads: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Lists the uploads in progress or parked, for all tenants. "show" shows an upload with its history, "release" publishes a parked upload that the malware scan could not judge, "reject" ends an upload and deletes its file, and "rescan" has the malware scan judge an upload again.',
    )
    .addArgument(new Argument('[action]', 'what to do').choices(ACTIONS).default('list' as const))
    .argument('[id]', 'ID of an upload, or of its object')
    .addOption(new Option('--state <state>', 'list only uploads in this state').choices(UPLOAD_STATES))
    .addOption(limitOption())
    .addOption(allOption())
    .action((action, id, options) =>
      run(async (session) => {
        if (action === 'list') await listAll(session, id, options);
        else if (action === 'show') await show(session, id);
        else await decide(session, action, id);
      }),
    );
  addExamples(defined, [
    ['npx tvm uploads', 'Uploads in progress or parked'],
    ['npx tvm uploads list --state published --all', 'Every published one'],
    ['npx tvm uploads show c0f6b2c1d9e8a47b35c60718293a4b5c', 'One, with its history'],
    ['npx tvm uploads release c0f6b2c1d9e8a47b35c60718293a4b5c', 'Publish a parked one'],
  ]);
};

async function listAll(session: Session, id: string | undefined, options: ListOptions): Promise<void> {
  if (id !== undefined) throw new CommandFailure('usage', '"list" takes no ID.', 'Use "show".');
  const { output, signal } = session;
  const { state } = options;
  const listed = await listUploads(
    await session.connect(),
    state === undefined ? OPEN_STATES : [state],
    limitOf(options),
    signal,
  );
  printListed(output, COLUMNS, listed, 'uploads');
}

async function show(session: Session, id: string | undefined): Promise<void> {
  const { output } = session;
  const path = pathOf(id);
  const response = await review(session, { method: 'GET', path });
  const upload = understood(UploadWithHistory, response);
  if (output.format === 'json') output.json(response);
  else output.facts(uploadFacts(upload, output.format));
}

/** Confirmation questions for decisions that cannot be undone. */
const QUESTIONS: Readonly<Partial<Record<Decision, string>>> = {
  release: 'Publish the file, although the malware scan did not find it clean?',
  reject: 'Reject the upload, and delete its file? This cannot be undone.',
};

async function decide(session: Session, decision: Decision, id: string | undefined): Promise<void> {
  const { output } = session;
  const path = `${pathOf(id)}/${decision}`;
  const question = QUESTIONS[decision];
  if (question !== undefined) await session.confirm(question);
  const response = await review(session, { method: 'POST', path });
  const upload = understood(ReviewedUpload, response);
  if (output.format === 'json') output.json(response);
  else output.table(COLUMNS, [upload]);
}

function pathOf(id: string | undefined): string {
  if (id === undefined)
    throw new CommandFailure('usage', 'No upload given.', 'Specify its ID, as listed by "tvm uploads".');
  return `/operator/uploads/${readUploadId(id)}`;
}

async function review({ connect, signal }: Session, call: ApiCall): Promise<unknown> {
  const missing = ['No upload has this ID.', '"tvm uploads" lists the IDs of uploads.'] as const;
  return await callApiOrFail(await connect(), call, signal, missing);
}
