import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Endpoints } from '../../bin/local/stack.ts';
import type { Event } from '../../lambda/domain/events/event.ts';
import { createClients } from '../../laptop/src/clients.ts';
import { type RunningService, startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { complaintsOfEvent } from '../support/event-schemas.ts';
import { issueLink } from '../support/issue-links.ts';
import { postToken } from '../support/laptop.ts';

/*
 * The simulated bus kills local mode, with all its functions, before, during, or after a call. Until then, links are
 * issued and redeemed, so that some events are always in flight.
 */
const PROGRAM = fileURLToPath(new URL('../support/local-with-bus.ts', import.meta.url));
const ASSET = 'report.pdf';
const PEOPLE = 3;

type Moment = 'before the bus has the events' | 'before the bus answers' | 'after the bus has answered';

let dataDir: string;
let bus: RunningService;
let child: ChildProcess | undefined;
/** The events so far, including duplicates. */
let received: Event[];
/** The events that must arrive, given the responses that callers received. */
let promised: string[];
let calls: number;
let killing: { readonly call: number; readonly moment: Moment } | undefined;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tvm-killed-'));
  [received, promised, calls] = [[], [], 0];
  bus = await startLoopbackServer({ port: 0 }, async (request, response) => {
    const { Entries } = (await json(request)) as { readonly Entries: readonly { readonly Detail: string }[] };
    calls += 1;
    const moment = calls === killing?.call ? killing.moment : undefined;
    if (moment === 'before the bus has the events') return kill();
    received.push(...Entries.map(({ Detail }) => JSON.parse(Detail) as Event));
    // Waits for a promised event that has not arrived yet, so that the kill always interrupts an event.
    if (moment !== undefined)
      await eventually(
        async () => promised,
        (events) => events.some((event) => !published().has(event)),
      );
    if (moment === 'before the bus answers') return kill();
    if (moment === 'after the bus has answered') response.once('finish', kill);
    accept(response, Entries.length);
  });
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  await bus.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function kill(): void {
  child?.kill('SIGKILL');
}

function accept(response: ServerResponse, count: number): void {
  const Entries = Array.from({ length: count }, (_, at) => ({ EventId: String(at) }));
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify({ FailedEntryCount: 0, Entries }));
}

async function start(): Promise<Endpoints> {
  const started = spawn(process.execPath, [PROGRAM, dataDir, bus.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  const ready = Promise.withResolvers<void>();
  started.stdout.on('data', (text: Buffer) => {
    if (text.includes('ready')) ready.resolve();
  });
  started.once('exit', (code) => ready.reject(new Error(`Local mode exited with ${code}`)));
  await ready.promise;
  return JSON.parse(readFileSync(join(dataDir, 'endpoints.json'), 'utf8')) as Endpoints;
}

/** Issues and redeems links until local mode is killed. */
async function useUp(endpoints: Endpoints): Promise<void> {
  try {
    for (;;) {
      const { tokenId, token } = await issueLink(endpoints, { asset: ASSET });
      promised.push(`link.issued ${tokenId}`);
      const { status } = await postToken(`${endpoints.api}/redeem`, token);
      if (status === 302) promised.push(`link.redeemed ${tokenId}`);
    }
  } catch (error) {
    if (killing === undefined) throw error;
  }
}

/** Returns the events that the contents of the tables imply, whether or not a caller got a response. */
async function written(endpoints: Endpoints): Promise<readonly string[]> {
  const clients = createClients(endpoints, endpoints, endpoints.region);
  const idsIn = async (TableName: string) => {
    const { Items = [] } = await clients.dynamodb.send(new ScanCommand({ TableName }));
    return Items.map(({ tokenId }) => String(tokenId));
  };
  const [records, receipts] = [await idsIn(endpoints.tokenTable), await idsIn(endpoints.receiptTable)];
  clients.destroy();
  return [
    ...[...records, ...receipts].map((id) => `link.issued ${id}`),
    ...receipts.map((id) => `link.redeemed ${id}`),
  ];
}

const published = () =>
  new Set(received.map((event) => `${event.type} ${'tokenId' in event ? event.tokenId : ''}`));

describe('events that are in flight when local mode is killed', () => {
  test.each<[Moment, number]>([
    ['before the bus has the events', 1],
    ['before the bus has the events', 7],
    ['before the bus answers', 1],
    ['before the bus answers', 7],
    ['after the bus has answered', 1],
    ['after the bus has answered', 7],
  ])('all arrive after the next start (killed %s, at call %i)', async (moment, call) => {
    const first = await start();
    const { s3, destroy } = createClients(first, first, first.region);
    await s3.send(new PutObjectCommand({ Bucket: first.bucket, Key: `gated/${ASSET}`, Body: 'the report' }));
    destroy();
    killing = { call, moment };
    await Promise.all(Array.from({ length: PEOPLE }, () => useUp(first)));
    killing = undefined;
    const before = published();

    const expected = new Set([...promised, ...(await written(await start()))]);
    expect([...expected].filter((event) => !before.has(event))).not.toEqual([]);
    const missing = () => [...expected].filter((event) => !published().has(event));
    await eventually(
      async () => missing(),
      ({ length }) => length === 0,
    );
    expect(received.flatMap(complaintsOfEvent)).toEqual([]);
    for (const copies of Map.groupBy(received, ({ id }) => id).values())
      expect(copies).toEqual(copies.map(() => copies[0]));
  });
});
