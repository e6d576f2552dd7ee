/*
 * Runs one function in its own process, as Lambda does, and measures it. This file is JavaScript because stripping
 * types would take Node time. It imports nothing before the function's module, because other imports would count as the
 * function's own time. The last line of the output contains the figures as JSON (fresh-process.ts).
 */
const { moduleUrl, event, expectedStatus, sinkPort, warmUp, warm } = JSON.parse(process.argv[2]);

// Lambda's runtime defines this global. This version only records the status of a streamed response.
globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { isStreaming: true }),
  HttpResponseStream: { from: (stream, { statusCode }) => Object.assign(stream, { statusCode }) },
};

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const { handler } = await import(moduleUrl);
const readyMs = performance.now();
const readyCpuMs = cpuMs();
const readyMb = peakMb();

await invoke();
const firstMs = performance.now();
for (let count = 0; count < warmUp; count += 1) await invoke();

const warmMs = [];
const cpuBefore = cpuMs();
for (let count = 0; count < warm; count += 1) {
  const before = performance.now();
  await invoke();
  warmMs.push(performance.now() - before);
}
const figures = {
  readyMs,
  readyCpuMs,
  readyMb,
  firstMs,
  warmMs: warmMs.toSorted((left, right) => left - right)[Math.floor(warm / 2)] ?? 0,
  warmCpuMs: warm === 0 ? 0 : (cpuMs() - cpuBefore) / warm,
  peakMb: peakMb(),
};
process.stdout.write(`\n${JSON.stringify(figures)}\n`, () => process.exit(0));

/** Returns the peak memory in megabytes. On Linux, `maxRSS` includes the parent process, but `VmHWM` does not. */
function peakMb() {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const status = '/proc/self/status';
  const peak = existsSync(status) ? /VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
  return Number(peak ?? process.resourceUsage().maxRSS) / 1024;
}

async function invoke() {
  const status = handler.isStreaming ? await streamedStatus() : statusOf(await handler(event));
  if (status !== expectedStatus) throw new Error(`The function returned ${status}, not ${expectedStatus}`);
}

/** Returns the status of a response. For a queue, a batch without failures counts as 200. */
function statusOf(response) {
  return response?.statusCode ?? (response?.batchItemFailures?.length ? 500 : 200);
}

async function streamedStatus() {
  const { connect } = await import('node:net');
  const { finished } = await import('node:stream/promises');
  const socket = connect(sinkPort, '127.0.0.1');
  const sent = finished(socket, { readable: false });
  await handler(event, socket, { getRemainingTimeInMillis: () => 900_000 });
  await sent;
  return socket.statusCode;
}
