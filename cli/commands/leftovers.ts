import { KMSClient } from '@aws-sdk/client-kms';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { awsAccount } from '../leftovers/account.ts';
import { findLeftovers, type Leftover } from '../leftovers/judge.ts';
import { writeMarked } from '../report/mark-line.ts';
import { chooseStack } from '../tvm/choose-stack.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import type { Ending } from '../tvm/exit-codes.ts';
import { countText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import type { Session } from '../tvm/session.ts';

/** `tvm leftovers` lists the resources that a destroyed stack left in the account. */
export const leftovers: DefineCommand = (command, run) => {
  const defined = command
    .description(
      "Lists what a destroyed stack left in the account and region, and why. Finds resources by the stack's tags. Changes nothing. Exits with 1 if something remains that should not.",
    )
    .action(() => run(listLeftovers));
  addExamples(defined, [
    ['npx tvm leftovers', 'After "npx cdk destroy"'],
    ['npx tvm leftovers --stack Other --region eu-west-1', 'For another stack'],
  ]);
};

/** The width of the longest resource type name. */
const WIDTHS = [21] as const;

const BLIND_SPOT =
  'IAM roles are not listed, because they cannot be found by their tags. docs/operations.md#destroy shows how to find them.';

async function listLeftovers({ io, globals, output, signal }: Session): Promise<Ending> {
  if (globals.local === true || globals.dataDir !== undefined) {
    throw new CommandFailure(
      'usage',
      'Local mode leaves nothing in an AWS account.',
      'Leave out --local and --data-dir.',
    );
  }
  const { stackName, settings } = chooseStack(globals);
  const tagging = new ResourceGroupsTaggingAPIClient(settings);
  const kms = new KMSClient(settings);
  try {
    const found = await findLeftovers(awsAccount({ tagging, kms }, signal), stackName);
    const region = await tagging.config.region();
    if (output.format === 'json') output.json({ stack: stackName, region, leftovers: found });
    else {
      for (const { expected, kind, arn, reason } of found) {
        writeMarked(
          io,
          { mark: expected ? 'ok' : 'problem', heads: [kind], found: arn, advice: reason },
          WIDTHS,
        );
      }
    }
    output.aside(verdict(found, `of ${stackName} in ${region}`));
    output.note(BLIND_SPOT);
    return found.every(({ expected }) => expected) ? 'done' : 'no';
  } finally {
    tagging.destroy();
    kms.destroy();
  }
}

function verdict(found: readonly Leftover[], place: string): string {
  const unexpected = found.filter(({ expected }) => !expected).length;
  if (found.length === 0) return `Nothing remains ${place}.`;
  if (unexpected === 0) return `Nothing unexpected remains ${place}.`;
  return `${unexpected} of ${countText(found.length, 'remaining resource')} ${place} should have been deleted.`;
}
