import { Link } from '../links/link.ts';
import { linkFacts } from '../links/link-facts.ts';
import { readTokenId } from '../links/token-id.ts';
import { callApiOrFail } from '../tvm/api.ts';
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
    .action((id) => run((session) => showLink(session, id)));
  addExamples(defined, [
    ['npx tvm show 0f6b2c1d9e8a47b35c60718293a4b5c6', 'By its ID'],
    ['npx tvm show 0f6b2c1d9e8a47b35c60718293a4b5c6 --json | jq -r .state', 'Only the state, for a script'],
  ]);
};

async function showLink({ connect, output, signal, io }: Session, text: string): Promise<void> {
  const tokenId = readTokenId(text);
  const call = { method: 'GET', path: `/operator/tokens/${tokenId}` } as const;
  const missing = ['No link has this ID.', '"tvm list" shows the IDs of links.'] as const;
  const response = await callApiOrFail(await connect(), call, signal, missing);
  const link = understood(Link, response);
  if (output.format === 'json') output.json(response);
  else output.facts(linkFacts(link, io.now(), output.format));
}
