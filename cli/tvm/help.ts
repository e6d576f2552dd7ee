import { exitCodeLines } from './exit-codes.ts';

/** The maximum width of help, even on a wider terminal. */
export const HELP_COLUMNS = 80;

/** Option descriptions wrap only if at least this many columns are left for them. */
export const LEAST_WRAPPED_COLUMNS = 20;

/** Adds examples to the help of a command, each with its purpose. */
export function addExamples(
  command: { addHelpText(position: 'after', text: string): unknown },
  examples: readonly (readonly [line: string, purpose: string])[],
): void {
  const lines = examples.flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]);
  command.addHelpText('after', ['', 'Examples:', ...lines].join('\n'));
}

/** The text at the end of `tvm --help`. */
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
