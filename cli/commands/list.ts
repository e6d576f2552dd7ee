import { parseEmailAddress } from '../../lambda/operator.ts';
import type { Link } from '../links/link.ts';
import { listLinks } from '../links/list-links.ts';
import { readAssetName } from '../offer/name-to-offer.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { momentText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { allOption, type LimitOptions, limitOf, limitOption, printListed } from '../tvm/list-pages.ts';
import type { Session } from '../tvm/session.ts';
import type { Column } from '../tvm/table.ts';

const COLUMNS: readonly Column<Link>[] = [
  { title: 'ID', of: ({ tokenId }) => tokenId },
  { title: 'STATE', of: ({ state }) => state },
  {
    title: 'EXPIRES',
    of: ({ expiresAt }) => momentText(new Date(expiresAt)),
    plain: ({ expiresAt }) => expiresAt,
  },
  {
    title: 'ASSET',
    of: ({ asset, files = [] }) => (files.length === 0 ? asset : `${files.length} files, ${asset}, …`),
    plain: ({ asset }) => asset,
    shrink: 'shorten',
  },
  { title: 'RECIPIENT', of: ({ recipient = '' }) => recipient, shrink: 'shorten', fromWidth: 100 },
];

interface ListOptions extends LimitOptions {
  readonly asset?: string | undefined;
  readonly recipient?: string | undefined;
}

/** `tvm list` lists links, newest first. `--json` prints them as the API returns them. */
export const list: DefineCommand = (command, run) => {
  const defined = command
    .description("Lists everybody's links, newest first, including those that the public form mailed.")
    .option('--asset <name>', 'only links for this file')
    .option('--recipient <address>', 'only links mailed to this address')
    .addOption(limitOption())
    .addOption(allOption())
    .action((options) => run((session) => listAll(session, options)));
  addExamples(defined, [
    ['npx tvm list', 'The last 20'],
    ['npx tvm list --asset report.pdf --all', 'Every link for a file'],
    ['npx tvm list --all --json | jq \'map(select(.state == "live")) | length\'', 'The number of live links'],
  ]);
};

async function listAll({ connect, output, signal }: Session, options: ListOptions): Promise<void> {
  const { asset, recipient } = options;
  if (recipient !== undefined && parseEmailAddress(recipient) === undefined) {
    throw new CommandFailure('usage', '--recipient takes one address, such as ann@example.org.');
  }
  const filter = { asset: asset === undefined ? undefined : readAssetName(asset), recipient };
  printListed(output, COLUMNS, await listLinks(await connect(), filter, limitOf(options), signal), 'links');
}
