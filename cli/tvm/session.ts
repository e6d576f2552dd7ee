import { CommandFailure } from './command-failure.ts';
import { confirm } from './confirm.ts';
import type { Connection } from './connection.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { createOutput, type Output } from './output.ts';
import { shellWord } from './shell-word.ts';

/** Everything that a running command needs besides its own options. */
export interface Session {
  readonly io: Io;
  readonly globals: GlobalOptions;
  readonly output: Output;
  /** The program with its global options, such as `npx tvm --local`, for commands that people can paste. */
  readonly self: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /**
   * Asks the operator to confirm, unless `--yes` was given.
   *
   * @throws CommandFailure if the answer is not yes, or nobody can be asked
   */
  confirm(question: string): Promise<void>;
  /**
   * Connects to the stack or local mode.
   *
   * @throws CommandFailure if the stack does not exist, or local mode is not running
   */
  connect(): Promise<Connection>;
}

export function createSession(io: Io, globals: GlobalOptions): Session {
  return {
    io,
    globals,
    output: createOutput(io, globals.json === true ? 'json' : 'text'),
    self: selfOf(globals),
    signal: io.signal,
    confirm: (question) => confirm(io, question, globals.yes === true ? 'yes' : 'ask'),
    connect: () => connect(globals, io.signal),
  };
}

/** Connects to the deployment that the options name. Loads the SDK clients only here: help does not need them. */
async function connect(globals: GlobalOptions, signal: AbortSignal): Promise<Connection> {
  const { local, dataDir, stack, region, profile } = globals;
  if (local !== true && dataDir === undefined) {
    const { connectStack } = await import('./connect-stack.ts');
    return connectStack(globals, signal);
  }
  if (stack !== undefined || region !== undefined || profile !== undefined) {
    throw new CommandFailure(
      'usage',
      'Local mode has no stack, region, or profile.',
      'Leave out these options, or --local and --data-dir.',
    );
  }
  const { connectLocalMode } = await import('./connect-local-mode.ts');
  return connectLocalMode(dataDir);
}

function selfOf({ stack, region, profile, local, dataDir }: GlobalOptions): string {
  const chosen = { stack, region, profile, 'data-dir': dataDir };
  const options = Object.entries(chosen).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${shellWord(value)}`],
  );
  return ['npx tvm', ...(local === true ? ['--local'] : []), ...options].join(' ');
}
