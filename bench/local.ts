import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { issueLinks } from '../test/support/issue-links.ts';
import type { Deployment } from './bundles.ts';
import { type LocalMode, startLocalMode } from './local-mode.ts';
import { type Options, type Report, spread } from './report.ts';
import type { Services } from './services.ts';
import { summarize } from './statistics.ts';
import { threadTimes } from './thread-times.ts';

const CONNECTIONS = 32;
const BATCH = 200;

/** Measures redemptions in local mode, where one process runs the API, the functions, and the stand-ins for AWS. */
export async function measureLocal(
  _deployment: Deployment,
  _services: Services,
  { rounds }: Options,
): Promise<Report> {
  const local = await startLocalMode();
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    await local.offer('report.pdf', 'the report');
    const cold = await redeemBatch(local, agent);
    const warm: Batch[] = [];
    for (let round = 0; round < rounds; round += 1) warm.push(await redeemBatch(local, agent));
    const row = (label: string, batches: readonly Batch[]) => [
      label,
      spread(summarize(batches.map(({ perSecond }) => perSecond))),
      spread(summarize(batches.map(({ medianMs }) => medianMs))),
    ];
    return {
      name: 'local',
      tables: [
        {
          caption: `Local mode with ${CONNECTIONS} connections redeeming links, in ${rounds} consecutive batches of ${BATCH}.`,
          head: ['batch', 'redemptions a second', 'median response, ms'],
          rows: [row('the first', [cold]), row('the others', warm)],
        },
        {
          caption: 'Processor time per redemption: averages over all batches except the first.',
          head: ['what', 'milliseconds'],
          rows: average(warm.map(({ cpuMs }) => cpuMs)).map(([thread, ms]) => [thread, ms.toFixed(1)]),
        },
      ],
      charts: [],
      data: { cold, warm },
    };
  } finally {
    agent.destroy();
    await local.close();
  }
}

interface Batch {
  readonly perSecond: number;
  readonly medianMs: number;
  /** Milliseconds of processor time per redemption, by task. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

/** What each of local mode's threads does, by the name that Node gives the thread. */
const TASKS: Readonly<Record<string, string>> = {
  MainThread: 'API, IAM, and AWS',
  WorkerThread: 'functions, as deployed',
};

/** Returns the average time of each task over all batches, longest first. */
function average(batches: readonly Batch['cpuMs'][]): (readonly [string, number])[] {
  const sums: Record<string, number> = {};
  for (const batch of batches)
    for (const [task, ms] of Object.entries(batch)) sums[task] = (sums[task] ?? 0) + ms / batches.length;
  return Object.entries(sums).sort(([, left], [, right]) => right - left);
}

/** Issues links, and redeems them as fast as the connections allow. */
async function redeemBatch(local: LocalMode, agent: Agent): Promise<Batch> {
  const tokens: string[] = [];
  while (tokens.length < BATCH) {
    const links = await issueLinks(local.endpoints, { asset: 'report.pdf', count: 100 });
    tokens.push(...links.map(({ token }) => token));
  }
  const times: number[] = [];
  const before = threadTimes(local.pid);
  const own = process.cpuUsage();
  const from = performance.now();
  const redeemInTurn = async (): Promise<void> => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) {
      const sent = performance.now();
      await redeem(`${local.endpoints.api}/redeem`, token, agent);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, redeemInTurn));
  const perSecond = times.length / ((performance.now() - from) / 1000);
  const { user, system } = process.cpuUsage(own);
  const cpuMs: Record<string, number> = { 'client of this benchmark': (user + system) / 1000 / BATCH };
  for (const [thread, ms] of threadTimes(local.pid)) {
    const task = TASKS[thread] ?? 'compiler and garbage collector';
    cpuMs[task] = (cpuMs[task] ?? 0) + (ms - (before.get(thread) ?? 0)) / BATCH;
  }
  return { perSecond, medianMs: summarize(times).median, cpuMs };
}

async function redeem(url: string, token: string, agent: Agent): Promise<void> {
  const body = new URLSearchParams({ token }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      text(response).then(() => resolve(response.statusCode), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
  if (status !== 302) throw new Error(`Expected 302 for a redemption, but got ${status}`);
}
