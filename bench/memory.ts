import type { Deployment } from './bundles.ts';
import { openCpuQuota } from './cpu-quota.ts';
import { type Figures, invokeFresh } from './fresh-process.ts';
import { PRICES } from './prices.ts';
import type { Options, Report } from './report.ts';
import type { Services } from './services.ts';
import { summarize } from './statistics.ts';

/** Megabytes at which a function gets a whole core (AWS Lambda Developer Guide, "Configure Lambda function memory"). */
const WHOLE_CORE_MB = 1769;
const SIZES_MB = [256, 512, 1024, WHOLE_CORE_MB];
const MILLION = 1_000_000;

/** The functions that people wait for most often, and one that serves a queue. */
const MEASURED = ['redeem', 'pages', 'mint', 'links', 'mail'];

/**
 * Measures cold starts and warm responses with the share of a core that each memory size gets, and calculates what
 * Lambda bills for them. The billed time includes the time until ready (AWS Compute Blog, "AWS Lambda standardizes
 * billing for INIT Phase").
 */
export async function measureMemory(
  { bundles }: Deployment,
  services: Services,
  { rounds, functions = MEASURED }: Options,
): Promise<Report> {
  const quota = openCpuQuota();
  if (quota === undefined) return skipped();
  const chosen = bundles.filter(({ name }) => functions.includes(name));
  const measured = new Map<string, Figures[]>();
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const bundle of chosen) {
        for (const size of SIZES_MB) {
          quota.set(size / WHOLE_CORE_MB);
          const figures = await invokeFresh(bundle, services, { warmUp: 1, warm: 3, group: quota.members });
          const key = `${bundle.name} ${size}`;
          measured.set(key, [...(measured.get(key) ?? []), figures]);
        }
      }
    }
  } finally {
    quota.close();
  }
  const median = (name: string, size: number, figure: 'firstMs' | 'warmMs') =>
    summarize((measured.get(`${name} ${size}`) ?? []).map((figures) => figures[figure])).median;
  const dollars = (milliseconds: number, size: number) =>
    (((milliseconds / 1000) * size) / 1024) * PRICES.armGigabyteSecond * MILLION;
  const rows = chosen.flatMap(({ name, memoryMb }) =>
    SIZES_MB.map((size) => {
      const first = median(name, size, 'firstMs');
      const warm = median(name, size, 'warmMs');
      return [
        `${name}${size === memoryMb ? ' (as deployed)' : ''}`,
        String(size),
        first.toFixed(0),
        dollars(first, size).toFixed(2),
        warm.toFixed(0),
        dollars(warm, size).toFixed(2),
      ];
    }),
  );
  return {
    name: 'memory',
    tables: [
      {
        caption: `Memory sizes, each with its share of a core: medians of ${rounds} fresh processes, in milliseconds, and dollars per million invocations.`,
        head: ['function', 'MB', 'cold: first response', 'cold: $', 'warm response', 'warm: $'],
        rows,
      },
    ],
    charts: [],
    data: Object.fromEntries(
      [...measured].map(([key, figures]) => [key, summarize(figures.map(({ firstMs }) => firstMs))]),
    ),
  };
}

const skipped = (): Report => ({
  name: 'memory',
  tables: [
    {
      caption:
        'Not measured: this part requires Linux and permission to limit the processor time of a process.',
      head: ['function'],
      rows: [],
    },
  ],
  charts: [],
  data: {},
});
