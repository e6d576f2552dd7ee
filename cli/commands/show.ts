import { Link } from '../links/link.ts';
import { linkFacts } from '../links/link-facts.ts';
import { readTokenId } from '../links/token-id.ts';
import { callApi, failureOfProblem } from '../tvm/api.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';
import { understood } from '../tvm/understood.ts';

/** `tvm show`: what became of one link. `--json` prints it as the API does. */
export const show: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Says what became of a link: live, redeemed, revoked or expired, when, and by whom it was issued.',
    )
    .argument('<id>', 'id of a link; a whole link will do, and is not sent')
    .action((id) => run((session) => showLink(session, id).then(() => 'done')));
  addExamples(defined, [
    ['npx tvm show 0f6b2c1d9e8a47b35c60718293a4b5c6', 'By its id'],
    ['npx tvm show 0f6b2c1d9e8a47b35c60718293a4b5c6 --json | jq -r .state', 'For a program'],
  ]);
};

async function showLink({ connect, output, signal, io }: Session, text: string): Promise<void> {
  const tokenId = readTokenId(text);
  const call = { method: 'GET', path: `/operator/tokens/${tokenId}` } as const;
  const answer = await callApi(await connect(), call, signal);
  if (answer.kind === 'problem') {
    if (answer.problem.code !== 'not_found') throw failureOfProblem(answer.problem);
    throw new CommandFailure(
      'notFound',
      'There is no link of this id.',
      '"tvm list" shows those that there are.',
    );
  }
  const link = understood(Link, answer.body);
  if (output.format === 'json') output.json(answer.body);
  else output.facts(linkFacts(link, io.now(), output.format));
}
