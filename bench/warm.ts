import { buildYardstick, bundleNamed, type Deployment } from './bundles.ts';
import { interleave } from './fresh-process.ts';
import { type Options, type Report, spread } from './report.ts';
import { LATENCY_MS, type Services } from './services.ts';
import { summarize } from './statistics.ts';

/** Enough responses for V8 to compile most of the hot code. */
const WARM = { warmUp: 200, warm: 200 };

/** Measures warm redemptions, and compares them with the bare SDK calls and with the leanest program. */
export async function measureWarm(
  { bundles }: Deployment,
  services: Services,
  { rounds, folder }: Options,
): Promise<Report> {
  const redeem = bundleNamed(bundles, 'redeem');
  const sdk = buildYardstick('bare-sdk', redeem, folder);
  const floor = { ...buildYardstick('redeem', redeem, folder), name: 'floor' };
  const programs = [floor, sdk, redeem];
  services.latencyMs = 0;
  const measured = await interleave(programs, services, { ...WARM, rounds });
  services.latencyMs = LATENCY_MS;
  const figures = programs.map(({ name }) => {
    const all = measured.get(name) ?? [];
    return {
      name,
      wallMs: summarize(all.map(({ warmMs }) => warmMs)),
      cpuMs: summarize(all.map(({ warmCpuMs }) => warmCpuMs)),
    };
  });
  // Each ratio compares two programs in the same round, so that load from other processes affects both equally.
  const ratios = (measured.get('redeem') ?? []).map(
    ({ warmCpuMs }, round) => warmCpuMs / (measured.get('bare-sdk')?.[round]?.warmCpuMs ?? Number.NaN),
  );
  return {
    name: 'warm',
    tables: [
      {
        caption: `Warm redemptions: medians of ${rounds} processes with ${WARM.warm} responses each, in milliseconds; the services answer immediately. \`redeem\` takes ${spread(summarize(ratios))} times the CPU time of the bare SDK calls.`,
        head: ['program', 'response', 'CPU'],
        rows: figures.map(({ name, wallMs, cpuMs }) => [name, spread(wallMs), spread(cpuMs)]),
      },
    ],
    charts: [
      {
        name: 'warm',
        title: 'Processor time of a warm redemption',
        unit: 'ms',
        legend: ['CPU'],
        bars: figures.map(({ name, cpuMs }) => ({ label: name, parts: [cpuMs.median] })),
      },
    ],
    data: { figures, cpuRatio: summarize(ratios) },
  };
}
