/*
 * `npm run bench` measures the machine. `npm run bench -- cold warm` runs only those two parts. bench/README.md
 * contains the latest figures and explains them.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { replaceBlock } from '../docs/build/marked-block.ts';
import { type Deployment, synthesizeDeployment } from './bundles.ts';
import { measureCalls } from './calls.ts';
import { drawChart } from './chart.ts';
import { measureCold } from './cold.ts';
import { estimateCost } from './cost.ts';
import { measureLocal } from './local.ts';
import { measureMemory } from './memory.ts';
import { markdown, type Options, type Report } from './report.ts';
import { measureScale } from './scale.ts';
import { type Services, startServices } from './services.ts';
import { measureStamping } from './stamping.ts';
import { measureStreaming } from './streaming.ts';
import { measureWarm } from './warm.ts';

type Part = (deployment: Deployment, services: Services, options: Options) => Promise<Report>;

const PARTS: Readonly<Record<string, Part>> = {
  cold: measureCold,
  memory: measureMemory,
  calls: measureCalls,
  warm: measureWarm,
  scale: measureScale,
  streaming: measureStreaming,
  stamping: measureStamping,
  cost: estimateCost,
  local: measureLocal,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** How many times each measurement is repeated. */
    rounds: { type: 'string', default: '15' },
    /** The functions that `cold`, `memory`, and `calls` measure, separated by commas. */
    functions: { type: 'string' },
    /** Writes the results to bench/ instead of artefacts/bench/, and the tables to bench/README.md. */
    record: { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
const unknown = names.find((name) => PARTS[name] === undefined);
if (unknown !== undefined)
  throw new Error(`Unknown part: ${unknown}. The parts are ${Object.keys(PARTS).join(', ')}.`);

const target = fileURLToPath(new URL(values.record ? '.' : '../artefacts/bench/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tvm-bench-'));
const services = await startServices();
try {
  const deployment = synthesizeDeployment(join(folder, 'assembly'));
  const machine = `${cpus().length} cores (${cpus()[0]?.model}, ${process.arch}), Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
  const options = { rounds: Number(values.rounds), folder, functions: values.functions?.split(',') };
  mkdirSync(join(target, 'plots'), { recursive: true });
  for (const name of names) {
    const report = await PARTS[name]?.(deployment, services, options);
    if (report !== undefined) publish(report, machine);
  }
} finally {
  await services.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Prints a report, and writes its figures and plots. With `--record`, also writes its tables to bench/README.md. */
function publish({ name, tables, charts, data }: Report, machine: string): void {
  const text = `${tables.map(markdown).join('\n')}\nMeasured on ${machine}.\n`;
  process.stdout.write(`\n## ${name}\n\n${text}`);
  for (const chart of charts) writeFileSync(join(target, 'plots', `${chart.name}.svg`), drawChart(chart));
  const path = join(target, 'results.json');
  writeFileSync(
    path,
    `${JSON.stringify({ ...readResults(path), [name]: { machine, ...(data as object) } }, undefined, 1)}\n`,
  );
  if (!values.record) return;
  const page = join(target, 'README.md');
  writeFileSync(page, replaceBlock(readFileSync(page, 'utf8'), name, `\n${text}`));
}

function readResults(path: string): object {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as object;
  } catch {
    return {};
  }
}
