import { readFileSync } from 'node:fs';
import { isNativeError } from 'node:util/types';
import { Command, CommanderError } from '@commander-js/extra-typings';
import { CommandFailure, Declined } from './command-failure.ts';
import { COMMANDS, type Run } from './command-list.ts';
import { escapeControls } from './escape-controls.ts';
import { type Ending, statusOf } from './exit-codes.ts';
import { failureOf } from './failure-of.ts';
import { operandsOf, withGlobalOptions } from './global-options.ts';
import { HELP_COLUMNS, LEAST_WRAPPED_COLUMNS, PROGRAM_NOTES } from './help.ts';
import { columnsOf, type Io } from './io.ts';
import { paint } from './paint.ts';
import { createSession } from './session.ts';

/**
 * Runs a command line.
 *
 * @param given the arguments after the program's name
 * @returns the exit status
 */
export async function runProgram(given: readonly string[], io: Io): Promise<number> {
  const args = helpAsOption(given);
  let ending: Ending = 'done';
  try {
    const program = await createProgram(args, io, (reached) => {
      ending = reached;
    });
    await program.parseAsync([...args], { from: 'user' });
    return statusOf(ending);
  } catch (error) {
    return statusOf(report(error, io));
  }
}

/**
 * Turns `tvm help issue` into `tvm issue --help`. Drops `--help` after a misspelled name, because Commander would print
 * the program's help instead of an error.
 */
function helpAsOption(args: readonly string[]): readonly string[] {
  const [first, ...others] = args;
  const wanted = first === 'help' ? [...others, '--help'] : args;
  const [asked] = operandsOf(wanted);
  if (asked === undefined || COMMANDS.some(({ name }) => name === asked)) return wanted;
  return wanted.filter((arg) => arg !== '--help' && arg !== '-h');
}

/** Creates the program. Loads only the command that is called; the others have only a name and a summary. */
async function createProgram(args: readonly string[], io: Io, finish: (ending: Ending) => void) {
  const program = withGlobalOptions(
    new Command('tvm')
      .description('Offers files, issues single-use links for them, and checks deployments.')
      .usage('[options] <command>')
      .version(version(), '--version', 'print the version')
      .helpOption('-h, --help', 'print help; for a command: tvm offer --help')
      .helpCommand(false)
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void io.stdout.write(text),
        // Error messages quote arguments, which may be file names with control characters.
        writeErr: (text) => void io.stderr.write(text.split('\n').map(escapeControls).join('\n')),
        getOutHelpWidth: () => Math.min(columnsOf(io.stdout, io.env), HELP_COLUMNS),
        // `paint` already decided whether the stream gets colors.
        getOutHasColors: () => true,
        getErrHasColors: () => io.stderr.isTTY === true,
        getErrHelpWidth: () => Math.min(columnsOf(io.stderr, io.env), HELP_COLUMNS),
      })
      .configureHelp({
        showGlobalOptions: true,
        minWidthToWrap: LEAST_WRAPPED_COLUMNS,
        styleTitle: (title) => paint('bold', title, io.stdout),
      })
      .addHelpText('after', PROGRAM_NOTES),
  );
  const run: Run = async (task) => finish((await task(createSession(io, program.opts()))) ?? 'done');
  const [asked] = operandsOf(args);
  for (const { name, summary, load } of COMMANDS) {
    const command = program
      .command(name)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .helpOption('-h, --help', 'print this help');
    if (name === asked) (await load())(command, run);
  }
  return program;
}

function version(): string {
  const packageJson: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const { version: text } = packageJson as { readonly version: string };
  return text;
}

/** Prints why a command failed, and returns its ending. */
function report(error: unknown, { stderr, signal }: Io): Ending {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'done' : 'usage';
  const failure = error instanceof CommandFailure ? error : failureOf(error);
  if (signal.aborted) {
    stderr.write(`Stopped.${failure?.hint === undefined ? '' : ` ${escapeControls(failure.hint)}`}\n`);
    return 'interrupted';
  }
  if (failure === undefined) {
    stderr.write(`${isNativeError(error) ? error.stack : String(error)}\n`);
    return 'defect';
  }
  const prefix = failure instanceof Declined ? '' : `${paint('red', 'error:', stderr)} `;
  stderr.write(`${prefix}${escapeControls(failure.message)}\n`);
  if (failure.hint !== undefined) stderr.write(`${escapeControls(failure.hint)}\n`);
  return failure.ending;
}
