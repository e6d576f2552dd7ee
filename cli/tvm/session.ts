import { confirm } from './confirm.ts';
import type { Connection } from './connection.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { createOutput, type Output } from './output.ts';
import { shellWord } from './shell-word.ts';

/** What a running command has: its options are its own, everything else is here. */
export interface Session {
  readonly io: Io;
  readonly globals: GlobalOptions;
  readonly output: Output;
  /** How this command line is called, for lines that are meant to be pasted: `npx tvm --local`. */
  readonly self: string;
  /** Aborted by Ctrl-C; every wait of a command listens to it. */
  readonly signal: AbortSignal;
  /**
   * Asks before what cannot be undone, unless `--yes`.
   *
   * @throws CommandFailure when the answer is not yes, or when there is nobody to ask
   */
  confirm(question: string): Promise<void>;
  /**
   * Finds the deployment: a stack by its outputs, or the laptop by its file.
   *
   * @throws CommandFailure when there is none
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
    connect: async () => {
      const { connect } = await import('./connect.ts');
      return connect(globals, io.signal);
    },
  };
}

function selfOf({ stack, region, profile, local, dataDir }: GlobalOptions): string {
  const chosen = { stack, region, profile, 'data-dir': dataDir };
  const options = Object.entries(chosen).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${shellWord(value)}`],
  );
  return ['npx tvm', ...(local === true ? ['--local'] : []), ...options].join(' ');
}
