import { CommandFailure } from './command-failure.ts';
import type { Connection } from './connection.ts';
import type { GlobalOptions } from './global-options.ts';

/**
 * Connects to the stack or local mode that the options name.
 *
 * @throws CommandFailure if it does not exist
 */
export async function connect(globals: GlobalOptions, signal: AbortSignal): Promise<Connection> {
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
