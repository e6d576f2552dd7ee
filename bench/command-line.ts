import { parseArgs } from 'node:util';

/** What the command line asks for. */
export type BenchCommand =
  | { readonly kind: 'help'; readonly usage: string }
  | { readonly kind: 'wrong'; readonly message: string }
  | {
      readonly kind: 'run';
      readonly parts: readonly string[];
      readonly rounds: number;
      readonly functions: readonly string[] | undefined;
      readonly record: boolean;
    };

const usageOf = (parts: readonly string[]): string => `npm run bench -- [parts] [options]

  parts             ${parts.join(', ')} (default: all)

  --rounds NUMBER   how many times each measurement is repeated (default: 15)
  --functions LIST  the functions that cold, memory, and calls measure, separated by commas
  --record          write to bench/ instead of artefacts/bench/, and update the tables in bench/README.md
  --help            print this help
`;

/**
 * Reads the command line of the benchmark.
 *
 * @param all the names of all parts
 */
export function readBenchCommand(args: readonly string[], all: readonly string[]): BenchCommand {
  const usage = usageOf(all);
  const wrong = (what: string): BenchCommand => ({ kind: 'wrong', message: `${what}\n\n${usage}` });
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help', usage };
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) return wrong(`Unknown part: ${unknown}.`);
  if (!/^[1-9]\d{0,5}$/.test(values.rounds)) return wrong(`Invalid --rounds: "${values.rounds}".`);
  return {
    kind: 'run',
    parts: positionals.length > 0 ? positionals : all,
    rounds: Number(values.rounds),
    functions: values.functions?.split(','),
    record: values.record,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '15' },
      functions: { type: 'string' },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}
