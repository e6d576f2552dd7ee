/*
 * `npm run bench` measures the machine. `npm run bench -- cold warm` runs only those two parts. bench/README.md
 * contains the latest figures and explains them.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Command } from '@commander-js/extra-typings';
import { wholeNumber } from '../cli/tvm/option-values.ts';
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

const command = new Command('npm run bench --')
  .addArgument(new Argument('[parts...]', 'what to measure').choices(Object.keys(PARTS)))
  .option('--rounds <number>', 'how many times to repeat each measurement', wholeNumber(1, 1000), 15)
  .option('--functions <names>', 'functions that cold, memory, and calls measure, separated by commas')
  .option('--record', 'write to bench/ instead of artefacts/bench/, and the tables to bench/README.md', false)
  .parse();

await run(command.processedArgs[0], command.opts());

async function run(
  parts: readonly string[],
  { rounds, functions, record }: ReturnType<typeof command.opts>,
): Promise<void> {
  const target = fileURLToPath(new URL(record ? '.' : '../artefacts/bench/', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'tvm-bench-'));
  const services = await startServices();
  try {
    const deployment = synthesizeDeployment(join(folder, 'assembly'));
    const machine = `${cpus().length} cores (${cpus()[0]?.model}, ${process.arch}), Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
    mkdirSync(join(target, 'plots'), { recursive: true });
    for (const name of parts.length > 0 ? parts : Object.keys(PARTS)) {
      const report = await PARTS[name]?.(deployment, services, {
        rounds,
        folder,
        functions: functions?.split(','),
      });
      if (report === undefined) continue;
      const text = publish(report, machine, target);
      if (record) updatePage(join(target, 'README.md'), name, text);
    }
  } finally {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints a report, writes its figures and plots, and returns the report's text without the heading. */
function publish({ name, tables, charts, data }: Report, machine: string, target: string): string {
  const text = `${tables.map(markdown).join('\n')}\nMeasured on ${machine}.\n`;
  process.stdout.write(`\n## ${name}\n\n${text}`);
  for (const chart of charts) writeFileSync(join(target, 'plots', `${chart.name}.svg`), drawChart(chart));
  const path = join(target, 'results.json');
  writeFileSync(
    path,
    `${JSON.stringify({ ...readResults(path), [name]: { machine, ...(data as object) } }, undefined, 1)}\n`,
  );
  return text;
}

function updatePage(page: string, name: string, text: string): void {
  writeFileSync(page, replaceBlock(readFileSync(page, 'utf8'), name, `\n${text}`));
}

function readResults(path: string): object {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as object;
  } catch {
    return {};
  }
}
