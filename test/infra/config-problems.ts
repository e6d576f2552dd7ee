import { ConfigError, readConfig } from '../../lib/read-config.ts';

/** Returns the error with which these options are rejected, or `undefined` if they are accepted. */
export function configErrorOf(context: Readonly<Record<string, unknown>>): ConfigError | undefined {
  try {
    readConfig(context);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

export const problemsOf = (context: Readonly<Record<string, unknown>>): readonly string[] =>
  configErrorOf(context)?.problems ?? [];
