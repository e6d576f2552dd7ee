/* Local mode as a separate program, which tests can kill. Its functions call EventBridge at the test's URL. */
import { vendingStack } from '../../bin/local/stack.ts';
import { runProgram, untilSignalled } from '../../laptop/src/program.ts';
import { startLaptop } from '../../laptop/src/start.ts';

const [dataDir = '', eventsUrl = ''] = process.argv.slice(2);

await runProgram(async () => {
  const stack = vendingStack({ events: 'true' });
  const local = await startLaptop(
    { ...stack, environment: (urls) => ({ ...stack.environment?.(urls), EVENTS_URL: eventsUrl }) },
    { dataDir, port: 0 },
  );
  const signalled = untilSignalled();
  process.stdout.write('ready\n');
  await signalled;
  await local.close();
});
