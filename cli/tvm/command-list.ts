import type { Command } from '@commander-js/extra-typings';
import type { Ending } from './exit-codes.ts';
import type { Session } from './session.ts';

/** Runs what a command does, with the session that its options make. */
export type Run = (task: (session: Session) => Promise<Ending>) => Promise<void>;

/** Gives a command its description, arguments, options, examples and action. */
export type DefineCommand = (command: Command, run: Run) => void;

/** A command as `tvm --help` lists it. Its file, and what that needs of the SDK, is loaded once it is asked for. */
export interface ListedCommand {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<DefineCommand>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'assets',
    summary: 'list what is on offer',
    load: async () => (await import('../commands/assets.ts')).assets,
  },
];
