import { buildYardstick, bundleNamed, type Deployment } from './bundles.ts';
import { interleave } from './fresh-process.ts';
import { type Options, type Report, spread } from './report.ts';
import type { Services } from './services.ts';
import { summarize } from './statistics.ts';

const MEGABYTES = [1, 10, 190];

/**
 * Measures streamed redemptions of three file sizes, and compares them with a program that only pipes S3's response
 * to the caller.
 */
export async function measureStreaming(
  { bundles }: Deployment,
  services: Services,
  { rounds, folder }: Options,
): Promise<Report> {
  const stream = bundleNamed(bundles, 'stream');
  const programs = [buildYardstick('pipe', stream, folder), stream];
  const figures = [];
  for (const megabytes of MEGABYTES) {
    services.fileBytes = megabytes * 1_000_000;
    const measured = await interleave(programs, services, { warmUp: 1, warm: 1, rounds });
    for (const { name } of programs) {
      const all = measured.get(name) ?? [];
      figures.push({
        megabytes,
        name,
        wallMs: summarize(all.map(({ warmMs }) => warmMs)),
        cpuMs: summarize(all.map(({ warmCpuMs }) => warmCpuMs)),
        peakMb: summarize(all.map(({ peakMb }) => peakMb)),
      });
    }
  }
  services.fileBytes = 1_000_000;
  return {
    name: 'streaming',
    tables: [
      {
        caption: `Streams over loopback sockets: the third stream of each process, medians of ${rounds} processes. The reader consumes the bytes immediately, so only our side is measured.`,
        head: ['size', 'program', 'response, ms', 'MB a second', 'CPU, ms', 'peak memory, MB'],
        rows: figures.map(({ megabytes, name, wallMs, cpuMs, peakMb }) => [
          `${megabytes} MB`,
          name,
          spread(wallMs),
          Math.round((1000 * megabytes) / wallMs.median).toLocaleString('en-US'),
          spread(cpuMs),
          spread(peakMb),
        ]),
      },
    ],
    charts: [
      {
        name: 'streaming',
        title: 'Time to stream a file, compared with piping an S3 GET to a socket',
        unit: 'ms',
        legend: ['response'],
        bars: figures.map(({ megabytes, name, wallMs }) => ({
          label: `${name}, ${megabytes} MB`,
          parts: [wallMs.median],
        })),
      },
    ],
    data: { figures },
  };
}
