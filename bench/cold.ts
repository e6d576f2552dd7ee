import { buildYardstick, bundleNamed, bytesByPackage, type Deployment } from './bundles.ts';
import { type Figures, interleave } from './fresh-process.ts';
import { kilobytes, type Options, type Report, spread } from './report.ts';
import { LATENCY_MS, type Services } from './services.ts';
import { summarize } from './statistics.ts';

const WARM = { warmUp: 2, warm: 5 };
const PACKAGES = 6;

/** For each function, the minimal program that loads the same SDK clients. */
const CLIENTS: Readonly<Record<string, 'tables' | 'tables-files' | 'tables-mail'>> = {
  mint: 'tables-files',
  mail: 'tables-mail',
  pages: 'tables',
  redeem: 'tables-files',
  stream: 'tables-files',
  links: 'tables-files',
  renewals: 'tables-files',
  bounces: 'tables',
  uploads: 'tables-files',
  finalize: 'tables-files',
  objects: 'tables-files',
  verdicts: 'tables-files',
  sweep: 'tables-files',
  reviews: 'tables-files',
  invites: 'tables',
  receive: 'tables-files',
  submit: 'tables-files',
  outcomes: 'tables',
};

/**
 * Measures the bundles as they would be deployed, alternating with baselines: an empty function, the leanest program
 * that redeems, and the SDK clients alone.
 */
export async function measureCold(
  { bundles: all }: Deployment,
  services: Services,
  { rounds, folder, functions }: Options,
): Promise<Report> {
  const bundles = all.filter(({ name }) => functions?.includes(name) !== false);
  const redeem = bundleNamed(all, 'redeem');
  const idle = (entry: Parameters<typeof buildYardstick>[0]) => ({
    ...buildYardstick(entry, redeem, folder),
    memoryMb: 128,
    environment: {},
    invocation: { event: {}, expectedStatus: 200 },
  });
  const empty = idle('empty');
  const clients = [...new Set(bundles.flatMap(({ name }) => CLIENTS[name] ?? []))].map(idle);
  const floor = { ...buildYardstick('redeem', redeem, folder), name: 'floor' };
  const programs = [empty, floor, ...bundles];
  const measured = await interleave([...programs, ...clients], services, { ...WARM, rounds });
  const packages: Packages = new Map(bundles.map(({ name }) => [name, bytesByPackage(name)]));
  const of = (name: string, figure: keyof Figures) =>
    summarize((measured.get(name) ?? []).map((figures) => figures[figure]));
  const ratio = (name: string, figure: keyof Figures, base: string) =>
    (of(name, figure).median / of(base, figure).median).toFixed(2);

  const rows = programs.map(({ name, bytes }) => [
    name,
    kilobytes(bytes),
    spread(of(name, 'readyMs')),
    ratio(name, 'readyMs', 'empty'),
    spread(of(name, 'firstMs')),
    ratio(name, 'firstMs', 'floor'),
    spread(of(name, 'warmMs')),
    of(name, 'warmCpuMs').median.toFixed(2),
    of(name, 'peakMb').median.toFixed(0),
  ]);
  return {
    name: 'cold',
    tables: [
      {
        caption: `Cold starts, with services that answer after ${LATENCY_MS} ms: medians of ${rounds} fresh processes, in milliseconds and megabytes; the middle half in parentheses.`,
        head: [
          ...['function', 'bundle', 'ready', 'ready / empty', 'first response', 'first response / floor'],
          ...['warm response', 'its CPU', 'peak memory'],
        ],
        rows,
      },
      packageTable(packages),
      {
        caption:
          "Time until ready, in multiples of the empty function's: with only the SDK clients that a function needs, and what the rest adds (the KMS call, the other packages, and our own code).",
        head: ['function', 'clients', 'with clients only', 'the whole function', 'the rest'],
        rows: bundles.flatMap(({ name }) => {
          const floorOfClients = CLIENTS[name];
          if (floorOfClients === undefined) return [];
          const [least, whole] = [floorOfClients, name].map(
            (program) => of(program, 'readyMs').median / of('empty', 'readyMs').median,
          );
          if (least === undefined || whole === undefined) return [];
          return [[name, floorOfClients, least.toFixed(2), whole.toFixed(2), (whole - least).toFixed(2)]];
        }),
      },
    ],
    charts: [
      {
        name: 'cold',
        title: 'From the start of the process to the first response',
        unit: 'ms',
        legend: ['until ready', 'first response'],
        bars: programs.map(({ name }) => {
          const ready = of(name, 'readyMs').median;
          return { label: name, parts: [ready, of(name, 'firstMs').median - ready] };
        }),
      },
    ],
    data: Object.fromEntries(
      programs.map(({ name, bytes, memoryMb }) => [
        name,
        {
          bytes,
          packages: Object.fromEntries(packages.get(name) ?? []),
          memoryMb,
          ...Object.fromEntries(
            (['readyMs', 'readyCpuMs', 'readyMb', 'firstMs', 'warmMs', 'warmCpuMs', 'peakMb'] as const).map(
              (figure) => [figure, of(name, figure)],
            ),
          ),
        },
      ]),
    ),
  };
}

type Packages = ReadonlyMap<string, readonly (readonly [string, number])[]>;

function packageTable(packages: Packages) {
  return {
    caption: `The ${PACKAGES} largest packages in each minified bundle.`,
    head: ['function', ...Array.from({ length: PACKAGES }, (_, index) => `${index + 1}.`)],
    rows: [...packages].map(([name, owners]) => [
      name,
      ...owners.slice(0, PACKAGES).map(([owner, bytes]) => `${owner} ${kilobytes(bytes)}`),
    ]),
  };
}
