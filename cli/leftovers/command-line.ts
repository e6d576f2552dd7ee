import { parseArgs, types } from 'node:util';
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
  | { readonly kind: 'look'; readonly stackName: string; readonly region: string | undefined }
  /** What is wrong, in one sentence. */
  | { readonly kind: 'misused'; readonly problem: string };

const Committed = z.object({
  context: z.object({ tvm: z.object({ stackName: configSchema.shape.stackName }).prefault({}) }).prefault({}),
});

/** @param cdkJson the text of cdk.json */
export function readCommandLine(args: readonly string[], cdkJson: string): Command {
  const parsed = parse(args);
  if (parsed.kind === 'misused') return parsed;
  const { help, stack, region } = parsed.values;
  if (help) return { kind: 'help' };
  if (stack !== undefined && !configSchema.shape.stackName.safeParse(stack).success)
    return { kind: 'misused', problem: `--stack takes the name of a stack, not "${stack}".` };
  if (region !== undefined && !REGION.test(region))
    return { kind: 'misused', problem: `--region takes a region such as eu-central-1, not "${region}".` };
  if (stack !== undefined) return { kind: 'look', stackName: stack, region };
  const committed = Committed.safeParse(JSON.parse(cdkJson));
  return committed.success
    ? { kind: 'look', stackName: committed.data.context.tvm.stackName, region }
    : { kind: 'misused', problem: 'The stackName of cdk.json is no name of a stack: give one with --stack.' };
}

/** A part of a host name: anything else would lead the call elsewhere. */
const REGION = /^[a-z]{2,}(-[a-z0-9]+)+$/;

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        stack: { type: 'string' },
        region: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return { kind: 'values', values } as const;
  } catch (error) {
    if (!isMisuse(error)) throw error;
    return { kind: 'misused', problem: firstSentence(error.message) } as const;
  }
}

/** Node documents no other mark of a command line that it cannot read. */
const isMisuse = (error: unknown): error is Error & { readonly code: string } =>
  types.isNativeError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');

/** What Node adds after it is for options that begin with a hyphen, of which there are none. */
const firstSentence = (text: string): string => `${text.split(/\.\s/, 1)[0]?.replace(/\.$/, '')}.`;
