import pMap from 'p-map';
import type { TokenId } from '../../lambda/operator.ts';
import { listLinks } from '../links/list-links.ts';
import { type Revocation, revokeLink } from '../links/revoke-link.ts';
import { readTokenId } from '../links/token-id.ts';
import { readAssetName } from '../offer/name-to-offer.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Connection } from '../tvm/connection.ts';
import type { Ending } from '../tvm/exit-codes.ts';
import { momentText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { createProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';
import type { Column } from '../tvm/table.ts';

const CONCURRENCY = 4;

const COLUMNS: readonly Column<Revocation>[] = [
  { title: 'ID', of: ({ tokenId }) => tokenId },
  { title: 'RESULT', of: ({ result }) => result },
  {
    title: 'REDEEMED',
    of: ({ redeemedAt }) => (redeemedAt === undefined ? '' : momentText(new Date(redeemedAt))),
    plain: ({ redeemedAt = '' }) => redeemedAt,
  },
];

/** `tvm revoke` revokes links. `--json` prints an array of results. */
export const revoke: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Revokes links, immediately and permanently. Exits with 1 if a link had already been redeemed, and with 3 if an ID is unknown. If the command is stopped halfway, run it again to finish.',
    )
    .argument('[id...]', 'IDs of links; whole links also work, and are not sent anywhere')
    .option('--asset <name>', 'every live link for this file')
    .action((ids, { asset }) => run((session) => revokeLinks(session, ids, asset)));
  addExamples(defined, [
    ['npx tvm revoke 0f6b2c1d9e8a47b35c60718293a4b5c6', 'One link'],
    ['npx tvm revoke --asset report.pdf', 'Every live link for a file'],
  ]);
};

async function revokeLinks(
  session: Session,
  ids: readonly string[],
  asset: string | undefined,
): Promise<Ending> {
  const { output, signal, io } = session;
  if (ids.length === 0 && asset === undefined)
    throw new CommandFailure('usage', 'No links given.', 'Specify their IDs, or use --asset.');
  if (ids.length > 0 && asset !== undefined)
    throw new CommandFailure('usage', 'Use either IDs or --asset, not both.');
  const named = [...new Set(ids.map(readTokenId))];
  const name = asset === undefined ? undefined : readAssetName(asset);
  const connection = await session.connect();
  const tokenIds = name === undefined ? named : await liveLinksFor(session, connection, name);
  if (tokenIds.length > 0) {
    const what = tokenIds.length === 1 ? 'this link' : `${tokenIds.length} links`;
    await session.confirm(
      `Revoke ${what}${name === undefined ? '' : ` for ${name}`}? This cannot be undone.`,
    );
  }
  const progress = createProgress(io, 'Revoking', tokenIds.length, (amount) => String(amount));
  const revoked = await pMap(
    tokenIds,
    async (tokenId) => {
      const one = await revokeLink(connection, tokenId, signal);
      progress.advance(1);
      return one;
    },
    { concurrency: CONCURRENCY, signal },
  ).finally(progress.done);
  if (output.format === 'json') output.json(revoked);
  else output.table(COLUMNS, revoked);
  if (revoked.length === 0) output.aside(`There are no live links for ${asset}.`);
  return endingOf(revoked);
}

async function liveLinksFor(
  { signal }: Session,
  connection: Connection,
  asset: string,
): Promise<readonly TokenId[]> {
  const { items } = await listLinks(connection, { asset }, Number.POSITIVE_INFINITY, signal);
  // Skip collections, because they also lead to other files. Their tokens for this file are listed separately.
  return items
    .filter(({ state, files }) => state === 'live' && files === undefined)
    .map(({ tokenId }) => readTokenId(tokenId));
}

function endingOf(revoked: readonly Revocation[]): Ending {
  if (revoked.some(({ result }) => result === 'unknown')) return 'notFound';
  return revoked.some(({ result }) => result === 'redeemed') ? 'no' : 'done';
}
