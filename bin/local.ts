/* The laptop: the deployed thing, on one machine, with one command. */
import { readCommandLine, USAGE } from '../laptop/src/command-line.ts';
import { runProgram, untilSignalled } from '../laptop/src/program.ts';

await runProgram(async () => {
  const command = readCommandLine(process.argv.slice(2));
  if (command.kind === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const [{ startLocal }, { progress, readyScreen, warningLine }] = await Promise.all([
    import('../laptop/src/start.ts'),
    import('../laptop/src/screen.ts'),
  ]);
  const starting = progress(process.stdout);
  const denied = (line: string) => process.stdout.write(warningLine(line, process.stdout));
  const local = await startLocal({ ...command.options, log: starting.step, denied }).finally(starting.done);
  const signalled = untilSignalled();
  process.stdout.write(readyScreen(local, process.stdout));
  await signalled;
  process.stdout.write('\n  Stopping …\n');
  await local.close();
});
