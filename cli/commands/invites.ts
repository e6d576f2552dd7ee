import { Argument } from '@commander-js/extra-typings';
import { LINK_LIFETIME } from '../../lambda/operator.ts';
import { readLinkId, UploadLink, UploadLinkPage } from '../invites/upload-link.ts';
import { uploadLinkFacts } from '../invites/upload-link-facts.ts';
import { callApiOrFail } from '../tvm/api.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { momentText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import {
  allOption,
  type LimitOptions,
  limitOf,
  limitOption,
  listPages,
  printListed,
} from '../tvm/list-pages.ts';
import { lifetimeWithin } from '../tvm/option-values.ts';
import type { Session } from '../tvm/session.ts';
import type { ApiCall } from '../tvm/sigv4-fetch.ts';
import type { Column } from '../tvm/table.ts';
import { understood } from '../tvm/understood.ts';

const ACTIONS = ['list', 'show', 'extend', 'revoke'] as const;

interface InvitesOptions extends LimitOptions {
  readonly by?: number | undefined;
}

const COLUMNS: readonly Column<UploadLink>[] = [
  { title: 'ID', of: ({ linkId }) => linkId },
  { title: 'STATE', of: ({ state }) => state },
  {
    title: 'EXPIRES',
    of: ({ expiresAt }) => momentText(new Date(expiresAt)),
    plain: ({ expiresAt }) => expiresAt,
  },
  { title: 'FOR', of: (link) => link.for, shrink: 'shorten' },
  { title: 'TO', of: ({ to = '' }) => to, shrink: 'shorten', fromWidth: 100 },
];

/** `tvm invites` manages the caller's upload links. `--json` prints them as the API returns them. */
export const invites: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Lists the upload links that you issued, newest first, or shows, extends, or revokes one. An expired link can be extended; a finished or revoked link cannot.',
    )
    .addArgument(new Argument('[action]', 'what to do').choices(ACTIONS).default('list' as const))
    .argument('[id]', 'ID of an upload link')
    .option(
      '--by <time>',
      'with extend: how much longer, such as 3d; counted from now if the link has expired',
      lifetimeWithin(LINK_LIFETIME),
    )
    .addOption(limitOption())
    .addOption(allOption())
    .action((action, id, options) =>
      run(async (session) => {
        if (action !== 'extend' && options.by !== undefined)
          throw new CommandFailure('usage', '--by can only be used with "extend".');
        if (action === 'list') await listAll(session, id, options);
        else if (action === 'show') await show(session, id);
        else if (action === 'extend') await extend(session, id, options.by);
        else await revoke(session, id);
      }),
    );
  addExamples(defined, [
    ['npx tvm invites', 'The last 20'],
    ['npx tvm invites show e0f6b2c1d9e8a47b35c60718293a4b5c', 'One, with its files'],
    ['npx tvm invites extend e0f6b2c1d9e8a47b35c60718293a4b5c --by 3d', 'Three more days'],
    ['npx tvm invites revoke e0f6b2c1d9e8a47b35c60718293a4b5c', 'Permanently'],
  ]);
};

async function listAll(session: Session, id: string | undefined, options: InvitesOptions): Promise<void> {
  if (id !== undefined) throw new CommandFailure('usage', '"list" takes no ID.', 'Use "show".');
  const { output, signal } = session;
  const listed = await listPages(
    await session.connect(),
    { path: '/upload-links', query: {} },
    (response) => {
      const { links, cursor } = understood(UploadLinkPage, response);
      return { items: links, cursor };
    },
    limitOf(options),
    signal,
  );
  printListed(output, COLUMNS, listed, 'upload links');
}

async function show(session: Session, id: string | undefined): Promise<void> {
  print(session, await ask(session, { method: 'GET', path: pathOf(id) }));
}

/** Extends a link from its expiry, or from now if it has expired. The API counts from now, so the time left is added. */
async function extend(session: Session, id: string | undefined, by: number | undefined): Promise<void> {
  const path = pathOf(id);
  if (by === undefined)
    throw new CommandFailure('usage', 'No time given.', 'Say how much longer, for example --by 3d.');
  const { expiresAt } = understood(UploadLink, await ask(session, { method: 'GET', path }));
  const left = Math.max(0, Math.ceil((Date.parse(expiresAt) - session.io.now().getTime()) / 1000));
  const call = { method: 'POST', path: `${path}/extend`, body: { expiresIn: left + by } } as const;
  print(session, await ask(session, call));
}

async function revoke(session: Session, id: string | undefined): Promise<void> {
  const path = pathOf(id);
  await session.confirm('Revoke this upload link, and cancel its unfinished uploads? This cannot be undone.');
  await ask(session, { method: 'DELETE', path });
  print(session, await ask(session, { method: 'GET', path }));
}

function print({ output }: Session, response: unknown): void {
  const link = understood(UploadLink, response);
  if (output.format === 'json') output.json(response);
  else output.facts(uploadLinkFacts(link, output.format));
}

function pathOf(id: string | undefined): string {
  if (id === undefined)
    throw new CommandFailure('usage', 'No upload link given.', 'Specify its ID, as listed by "tvm invites".');
  return `/upload-links/${readLinkId(id)}`;
}

async function ask({ connect, signal }: Session, call: ApiCall): Promise<unknown> {
  const missing = ['You have no upload link with this ID.', '"tvm invites" lists yours.'] as const;
  return await callApiOrFail(await connect(), call, signal, missing);
}
