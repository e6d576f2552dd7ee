import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type Endpoints, vendingStack } from '../../bin/local/stack.ts';
import { createClients } from '../../laptop/src/clients.ts';
import { mailTo, tokenIn } from './mail.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Local mode, started as a user starts it, in a folder of its own. */
export interface Laptop {
  readonly endpoints: Endpoints;
  readonly pid: number;
  /** The folder with all of its data. */
  readonly dataDir: string;
  /** Its terminal output so far. */
  said(): string;
  /** Puts a file on offer under `gated/`, as an operator would. */
  offer(name: string, body: Uint8Array | string): Promise<void>;
  put(key: string, body: Uint8Array | string): Promise<void>;
  /** Requests a file on the form and returns the token of the link in the inbox. */
  mailedToken(address: string, asset: string): Promise<string>;
  /** Stops it as Ctrl-C does, and removes the folder. */
  close(): Promise<void>;
}

/**
 * Starts local mode on free ports, with source limits that tests never reach.
 *
 * @param options deploy options, as `-c` takes them
 */
export async function startLaptop(options: Readonly<Record<string, string>> = {}): Promise<Laptop> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tvm-journey-'));
  const context = { sourceLimitPerHour: '1000000', sourceMailLimitPerDay: '1000000', ...options };
  // Synthesizes here, because this process loads the CDK only once. Local mode then finds the finished assembly.
  await vendingStack(context).assembly(() => undefined);
  const child = spawn(
    process.execPath,
    [
      ...['bin/local.ts', '--port', '0', '--data-dir', dataDir],
      ...Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said = await untilReady(child).catch((error: unknown) => {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  });
  const endpoints = JSON.parse(readFileSync(join(dataDir, 'endpoints.json'), 'utf8')) as Endpoints;
  const clients = createClients(endpoints, endpoints, endpoints.region);
  const put = async (key: string, body: Uint8Array | string): Promise<void> => {
    const Body = typeof body === 'string' ? Buffer.from(body) : body;
    await clients.s3.send(new PutObjectCommand({ Bucket: endpoints.bucket, Key: key, Body }));
  };
  return {
    endpoints,
    pid: child.pid ?? 0,
    dataDir,
    said,
    offer: (name, body) => put(`gated/${name}`, body),
    put,
    mailedToken: async (address, asset) => {
      const answer = await postJson(`${endpoints.api}/token`, { email: address, asset });
      if (answer.status !== 202) throw new Error(`The request for a link got status ${answer.status}.`);
      return tokenIn(await mailTo(endpoints.inbox, address));
    },
    close: async () => {
      clients.destroy();
      const exited = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGINT');
      await exited;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits until local mode says how to stop it. Returns a function that reads its output so far. */
async function untilReady(child: ChildProcess): Promise<() => string> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ctrl-C')) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => reject(new Error(`Local mode exited with ${code}:\n${said}`)));
  });
  return () => said;
}

/** Posts JSON and asks for JSON, as a program does. */
export function postJson(url: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Posts a token, and a presence code if there is one, as the page's button does. The accepted media type can be chosen. */
export function postToken(url: string, token: string, accept = '*/*', code?: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept },
    body: new URLSearchParams({ token, ...(code !== undefined && { code }) }),
  });
}
