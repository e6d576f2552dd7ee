import { parseArgs } from 'node:util';
import { LaptopError } from './laptop-error.ts';
import type { LaptopOptions } from './start.ts';

/** The default data folder, relative to the working directory. */
export const DEFAULT_DATA_DIR = '.local';

const usage = (command: string): string => `${command} [options]

  --port NUMBER      port of the API; 0 for any free port (default: 8787 if it is free)
  --data-dir FOLDER  folder for data that survives restarts (default: ${DEFAULT_DATA_DIR})
  --fresh            wipe that folder first
  -c NAME=VALUE      deploy option, as for "npx cdk deploy"; can be repeated
  --help             print this help
`;

interface StartOptions extends LaptopOptions {
  /** Deploy options by name. */
  readonly options: Readonly<Record<string, string>>;
}

export type Command =
  | { readonly kind: 'help'; readonly usage: string }
  | { readonly kind: 'start'; readonly options: StartOptions };

const MAX_PORT = 65_535;

/**
 * Reads the command line of a program that starts local mode.
 *
 * @param command the command that starts the program, for the help text
 * @throws LaptopError for an unknown option or an invalid value
 */
export function readCommandLine(args: readonly string[], command: string): Command {
  const values = parse(args, command);
  if (values.help) return { kind: 'help', usage: usage(command) };
  return {
    kind: 'start',
    options: {
      dataDir: values['data-dir'],
      start: values.fresh ? 'fresh' : 'keep',
      ...(values.port === undefined ? {} : { port: readPort(values.port) }),
      options: Object.fromEntries(values.context.map(readOption)),
    },
  };
}

function parse(args: readonly string[], command: string) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        'data-dir': { type: 'string', default: DEFAULT_DATA_DIR },
        fresh: { type: 'boolean', default: false },
        context: { type: 'string', short: 'c', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new LaptopError(`${error instanceof Error ? error.message : String(error)}\n\n${usage(command)}`);
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= MAX_PORT) return port;
  throw new LaptopError(`Invalid --port: "${text}". Give a number from 0 to ${MAX_PORT}.`);
}

function readOption(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new LaptopError(`Invalid -c: "${text}". Give NAME=VALUE.`);
}
