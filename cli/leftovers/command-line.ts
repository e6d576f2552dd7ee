import { parseArgs } from 'node:util';
import { z } from 'zod';
import { configSchema } from '../../lib/config.ts';

export const USAGE = `npm run leftovers -- [options]

Says what a destroyed stack left in the account, found by its tags, and why. Ends with 1 if anything is left that
should not be, and with 2 if it could not look.

  --stack NAME     the stack (default: stackName of cdk.json)
  --region REGION  where it was (default: that of the AWS settings)
  --help           this text
`;

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'look'; readonly stackName: string; readonly region: string | undefined };

const Committed = z.object({
  context: z.object({ tvm: z.object({ stackName: configSchema.shape.stackName }).prefault({}) }).prefault({}),
});

/**
 * @param cdkJson the text of cdk.json
 * @throws TypeError for an option that there is not
 */
export function readCommandLine(args: readonly string[], cdkJson: string): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stack: { type: 'string' },
      region: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  const { stackName } = Committed.parse(JSON.parse(cdkJson)).context.tvm;
  return { kind: 'look', stackName: values.stack ?? stackName, region: values.region };
}
