import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Endpoints } from '../bin/local/stack.ts';
import { createClients } from '../laptop/src/clients.ts';

const PROGRAM = fileURLToPath(new URL('../bin/local.ts', import.meta.url));

/** Local mode in its own process, as `npm start` runs it. */
export interface LocalMode {
  readonly endpoints: Endpoints;
  readonly pid: number;
  offer(name: string, body: string): Promise<void>;
  /** Stops local mode as Ctrl-C does, and removes its data. */
  close(): Promise<void>;
}

/** Starts local mode on free ports, with rate limits per source that the benchmark does not reach. */
export async function startLocalMode(): Promise<LocalMode> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tvm-bench-local-'));
  const limits = ['sourceLimitPerHour=1000000', 'sourceMailLimitPerDay=1000000'];
  const child = spawn(
    process.execPath,
    [PROGRAM, '--port', '0', '--data-dir', dataDir, ...limits.flatMap((limit) => ['-c', limit])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGINT');
    await exited;
    rmSync(dataDir, { recursive: true, force: true });
  };
  let said = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.includes('Ctrl-C')) break;
  }
  child.stdout.resume();
  if (child.pid === undefined || !said.includes('Ctrl-C')) {
    await close();
    throw new Error(`Local mode did not start:\n${said}`);
  }
  const endpoints = JSON.parse(readFileSync(join(dataDir, 'endpoints.json'), 'utf8')) as Endpoints;
  const clients = createClients(endpoints, endpoints, endpoints.region);
  return {
    endpoints,
    pid: child.pid,
    offer: async (name, Body) => {
      await clients.s3.send(new PutObjectCommand({ Bucket: endpoints.bucket, Key: `gated/${name}`, Body }));
    },
    close: () => {
      clients.destroy();
      return close();
    },
  };
}
