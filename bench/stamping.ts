import { SandboxedStamper } from '../lambda/adapters/sandboxed-stamper.ts';
import { newTokenId } from '../lambda/domain/ids.ts';
import { LARGEST_STAMPED } from '../lambda/domain/watermark.ts';
import { largePdf, samplePdf } from '../test/support/pdfs.ts';
import { stamperProgram } from '../test/support/stamper-program.ts';
import type { Deployment } from './bundles.ts';
import { type Options, type Report, spread } from './report.ts';
import type { Services } from './services.ts';
import { summarize } from './statistics.ts';

const FILES = {
  'one page': () => samplePdf(),
  '1,000 pages': () => samplePdf(Array(1000).fill({})),
  '10 MB': () => largePdf(10_000_000),
  '25 MB': () => largePdf(LARGEST_STAMPED - 100_000),
} as const;

/** Measures how long `watermark` takes to stamp a file, including the start of the sandboxed process. */
export async function measureStamping(_: Deployment, __: Services, { rounds }: Options): Promise<Report> {
  const { program, remove } = stamperProgram();
  try {
    const stamper = new SandboxedStamper(program, { cpuSeconds: 60, heapMb: 1024, memoryMb: 1800 });
    const mark = { names: ['Ada Lovelace'], tokenId: newTokenId('api'), at: new Date() };
    const figures = [];
    for (const [name, write] of Object.entries(FILES)) {
      const file = await write();
      const times: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const start = performance.now();
        const copy = await stamper.stamp(file, mark);
        if (!copy.ok) throw new Error(copy.error.code);
        times.push(performance.now() - start);
      }
      figures.push({ name, ms: summarize(times) });
    }
    return {
      name: 'stamping',
      tables: [
        {
          caption: `Stamps, each in a separate process: medians of ${rounds}, in milliseconds.`,
          head: ['file', 'from the file to its copy'],
          rows: figures.map(({ name, ms }) => [name, spread(ms)]),
        },
      ],
      charts: [],
      data: { figures },
    };
  } finally {
    remove();
  }
}
