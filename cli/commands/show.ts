import { Link } from '../links/link.ts';
import { linkFacts } from '../links/link-facts.ts';
import { readTokenId } from '../links/token-id.ts';
import { callApi, failureOfProblem } from '../tvm/api.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';
import { understood } from '../tvm/understood.ts';

/** `tvm show` shows one link. `--json` prints it as the API returns it. */
export const show: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Shows the state of a link (live, redeemed, revoked, or expired), what happened to it and when, and who issued it.',
    )
    .argument('<id>', 'ID of a link; a whole link also works, and is not sent anywhere')
    .action((id) => run((session) => showLink(session, id).then(() => 'done')));
  addExamples(defined, [
    ['npx tvm show 0f6b2c1d9e8a47b35c60718293a4b5c6', 'By its ID'],
    ['npx tvm show 0f6b2c1d9e8a47b35c60718293a4b5c6 --json | jq -r .state', 'Only the state, for a script'],
  ]);
};

async function showLink({ connect, output, signal, io }: Session, text: string): Promise<void> {
  const tokenId = readTokenId(text);
  const call = { method: 'GET', path: `/operator/tokens/${tokenId}` } as const;
  const response = await callApi(await connect(), call, signal);
  if (response.kind === 'problem') {
    if (response.problem.code !== 'not_found') throw failureOfProblem(response.problem);
    throw new CommandFailure('notFound', 'No link has this ID.', '"tvm list" shows the IDs of links.');
  }
  const link = understood(Link, response.body);
  if (output.format === 'json') output.json(response.body);
  else output.facts(linkFacts(link, io.now(), output.format));
}
