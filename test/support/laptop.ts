import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Endpoints } from '../../bin/local/stack.ts';
import { startLocal } from '../../bin/local/start.ts';
import { createClients } from '../../laptop/src/clients.ts';
import { inTurn } from './in-turn.ts';
import { mailTo, tokenIn } from './mail.ts';
import { hearTerminal } from './terminal.ts';

/** Local mode in the test's process, with its own data folder. */
export interface Laptop {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  /** Everything that local mode and the test have written to the terminal so far. */
  said(): string;
  /** Offers a file under `gated/`, as an operator would. */
  offer(name: string, body: Uint8Array | string): Promise<void>;
  put(key: string, body: Uint8Array | string): Promise<void>;
  /** Requests a file through the form and returns the token of the link in the inbox. */
  mailedToken(address: string, asset: string): Promise<string>;
  /** Stops local mode and removes its folder. */
  close(): Promise<void>;
}

/** Whether this process has found or built the bundles. */
let areBundlesBuilt = false;

/**
 * Starts local mode on free ports. By default, no test reaches the rate limits of a source, and events are off.
 *
 * @param options deploy options, as `-c` takes them
 */
export async function startLaptop(options: Readonly<Record<string, string>> = {}): Promise<Laptop> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tvm-journey-'));
  const lines: string[] = [];
  const hear = (line: string) => void lines.push(line);
  const forget = hearTerminal(hear);
  const clear = () => {
    forget();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const start = () =>
    startLocal({
      dataDir,
      port: 0,
      log: hear,
      denied: hear,
      options: {
        sourceLimitPerHour: '1000000',
        sourceMailLimitPerDay: '1000000',
        events: 'false',
        ...options,
      },
    });
  // The first call in a test run builds the bundles of all functions.
  const local = await (areBundlesBuilt ? start() : inTurn('bundles', start)).catch((error: unknown) => {
    clear();
    throw error;
  });
  areBundlesBuilt = true;
  const { endpoints } = local;
  const clients = createClients(endpoints, endpoints, endpoints.region);
  const put = async (key: string, body: Uint8Array | string): Promise<void> => {
    const Body = typeof body === 'string' ? Buffer.from(body) : body;
    await clients.s3.send(new PutObjectCommand({ Bucket: endpoints.bucket, Key: key, Body }));
  };
  return {
    endpoints,
    dataDir,
    said: () => lines.join('\n'),
    offer: (name, body) => put(`gated/${name}`, body),
    put,
    mailedToken: async (address, asset) => {
      const response = await postJson(`${endpoints.api}/token`, { email: address, asset });
      if (response.status !== 202) throw new Error(`The request for a link got status ${response.status}.`);
      return tokenIn(await mailTo(endpoints.inbox, address));
    },
    close: async () => {
      clients.destroy();
      await local.close();
      clear();
    },
  };
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

/** Posts a token and an optional presence code, as the page's button does. `accept` is the accepted media type. */
export function postToken(url: string, token: string, accept = '*/*', code?: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept },
    body: new URLSearchParams({ token, ...(code !== undefined && { code }) }),
  });
}
