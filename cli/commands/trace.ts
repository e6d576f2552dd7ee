import { openLocalFile } from '../files/local-file.ts';
import { Link } from '../links/link.ts';
import { linkFacts } from '../links/link-facts.ts';
import { withTables } from '../tables/with-tables.ts';
import { traceCopy } from '../trace/trace-copy.ts';
import { callApi, failureOfProblem } from '../tvm/api.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';
import { understood } from '../tvm/understood.ts';

/** `tvm trace` shows which link, and thus which recipient, a stamped copy was made for. */
export const trace: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Shows which link, and thus which recipient, a stamped copy was made for. Finds the link by the SHA-256 of the copy, or else by the link ID on each page. The file is not sent anywhere.',
    )
    .argument('<file>', 'a stamped PDF, or some of its pages')
    .action((file) => run((session) => traceFile(session, file)));
  addExamples(defined, [
    ['npx tvm trace found.pdf', 'Whose copy it is'],
    ['npx tvm trace found.pdf --json | jq -r ".links[].recipient"', 'Only the recipient, for a script'],
  ]);
};

async function traceFile({ connect, output, signal, io }: Session, path: string): Promise<void> {
  const local = await openLocalFile(path, async () => undefined);
  const file = await local.handle.readFile().finally(() => local.handle.close());
  const connection = await connect();
  const { copy, tokenIds } = await withTables(connection, signal, (tables) => traceCopy(tables, file));
  const links: Link[] = [];
  for (const tokenId of tokenIds) {
    const response = await callApi(
      connection,
      { method: 'GET', path: `/operator/tokens/${tokenId}` },
      signal,
    );
    if (response.kind === 'success') links.push(understood(Link, response.body));
    else if (response.problem.code !== 'not_found') throw failureOfProblem(response.problem);
  }
  // Anyone can write an ID into a file, so links that never delivered a copy are left out.
  const copies = links.filter(({ watermark, redeemedAt }) => watermark === true && redeemedAt !== undefined);
  if (copies.length === 0) {
    throw new CommandFailure(
      'notFound',
      'This file is not a copy that a link of this deployment delivered.',
      'If it is a scan or a printout, read the ID in the footer, and use "tvm show".',
    );
  }
  if (output.format === 'json') return output.json({ copy, links: copies });
  for (const link of copies) {
    output.facts([['Copy', COPIES[copy]], ...linkFacts(link, io.now(), output.format)]);
  }
}

const COPIES = {
  unchanged: 'unchanged since it was delivered',
  changed: 'changed since it was delivered; found by the link ID in the file',
} as const;
