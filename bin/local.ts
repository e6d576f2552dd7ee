/* Local mode: runs the synthesized stack on this computer, without AWS. */
import { enableCompileCache } from 'node:module';
import { readCommandLine } from '../laptop/src/command-line.ts';
import { runProgram, untilSignalled } from '../laptop/src/program.ts';

enableCompileCache();

await runProgram(async () => {
  const command = readCommandLine(process.argv.slice(2), 'npm start --');
  if (command.kind === 'help') {
    process.stdout.write(command.usage);
    return;
  }
  const [{ startLocal }, { readyScreen }, { progress, warningLine }] = await Promise.all([
    import('./local/start.ts'),
    import('./local/ready-screen.ts'),
    import('../laptop/src/terminal.ts'),
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
