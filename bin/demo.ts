/*
 * Starts local mode with temporary data, and takes one file through its whole journey. Exits with 0 only if every step
 * succeeds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LaptopError } from '../laptop/src/laptop-error.ts';
import { runProgram, untilSignalled } from '../laptop/src/program.ts';

const stopped = untilSignalled().then(() => {
  throw new LaptopError('The demo was interrupted.');
});

await runProgram(async () => {
  const [{ startLocal }, { demonstrate }, { stepLine }, { progress }] = await Promise.all([
    import('./local/start.ts'),
    import('./local/demo.ts'),
    import('./local/ready-screen.ts'),
    import('../laptop/src/terminal.ts'),
  ]);
  const dataDir = await mkdtemp(join(tmpdir(), 'token-vending-machine-'));
  try {
    const starting = progress(process.stdout);
    const local = await startLocal({ dataDir, port: 0, log: starting.step }).finally(starting.done);
    const narrate = (step: string, fact: string): void => {
      process.stdout.write(stepLine(step, fact, process.stdout));
    };
    try {
      await Promise.race([demonstrate(local.endpoints, narrate), stopped]);
    } finally {
      await local.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  process.stdout.write('\n  Every step succeeded.\n\n');
});
