import { exitCodeLines } from './exit-codes.ts';

/** Help is never wider than this, however wide the terminal. */
export const HELP_COLUMNS = 80;

/** Descriptions of options are wrapped into columns down to this many; narrower, they stand in one line each. */
export const LEAST_WRAPPED_COLUMNS = 20;

/** Adds examples to the help of a command: each a line that can be pasted, with what it does. */
export function addExamples(
  command: { addHelpText(position: 'after', text: string): unknown },
  examples: readonly (readonly [line: string, purpose: string])[],
): void {
  const lines = examples.flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]);
  command.addHelpText('after', ['', 'Examples:', ...lines].join('\n'));
}

/** What stands below the list of commands. */
export const PROGRAM_NOTES = [
  '',
  'Examples:',
  '  # Offer a file, issue a link for a week, and see what happened to it',
  '  npx tvm offer report.pdf',
  '  npx tvm issue report.pdf --expires 7d',
  '  npx tvm list --asset report.pdf',
  '',
  'Exit codes:',
  ...exitCodeLines(),
].join('\n');
