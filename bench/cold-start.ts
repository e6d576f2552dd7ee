/*
 * `npm run bench` measures cold starts. It loads every deployed bundle in fresh processes, in turn with an empty function,
 * so that other load on this computer affects all of them alike. Compare the ratio to the empty function between
 * computers. bench/README.md has the last figures.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { startLoopbackServer } from '../laptop/src/loopback-server.ts';
import { type Bundle, deployedBundles } from './bundles.ts';
import { type Start, startFresh } from './fresh-process.ts';

const ROUNDS = 15;

const folder = mkdtempSync(join(tmpdir(), 'tvm-bench-'));
// Functions that sign fetch the month's key from KMS while they start. This server answers at once.
const kms = await startLoopbackServer({ port: 0 }, async (request, response) => {
  const { KeyId } = (await json(request)) as { readonly KeyId: string };
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify({ KeyId, Mac: Buffer.alloc(32).toString('base64') }));
});

try {
  const emptyPath = join(folder, 'empty.mjs');
  writeFileSync(emptyPath, 'export const handler = async () => undefined;\n');
  const empty: Bundle = {
    name: 'empty',
    moduleUrl: pathToFileURL(emptyPath).href,
    bytes: 0,
    memoryMb: 128,
    environment: {},
  };
  const bundles = [empty, ...deployedBundles(join(folder, 'assembly'))];
  const starts = new Map<string, Start[]>(bundles.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, moduleUrl, environment } of bundles) {
      const start = await startFresh(moduleUrl, { ...environment, ...lambdaVariables(kms.url) });
      starts.get(name)?.push(start);
    }
  }
  process.stdout.write(`${table(bundles, starts)}\n`);
} finally {
  await kms.close();
  rmSync(folder, { recursive: true, force: true });
}

function lambdaVariables(kmsUrl: string): Readonly<Record<string, string>> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_ENDPOINT_URL_KMS: kmsUrl,
    HOME: folder,
  };
}

function table(bundles: readonly Bundle[], starts: ReadonlyMap<string, readonly Start[]>): string {
  const medianOf = (name: string, figure: keyof Start) =>
    median((starts.get(name) ?? []).map((start) => start[figure]));
  const floor = medianOf('empty', 'ms');
  const rows = bundles.map(({ name, bytes, memoryMb }) => {
    const ms = medianOf(name, 'ms');
    return [
      name,
      `${Math.round(bytes / 1024)} KB`,
      `${Math.round(ms)} ms`,
      `${Math.round(ms - floor)} ms`,
      (ms / floor).toFixed(2),
      `${Math.round(medianOf(name, 'peakMb'))} MB`,
      `${memoryMb} MB`,
    ];
  });
  const head = ['function', 'bundle', 'ready after', 'above empty', 'ratio', 'peak memory', 'memory it has'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
