import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Clients, createClients } from '../src/clients.ts';
import type { Endpoints } from '../src/endpoints.ts';
import { type Laptop, startLaptop } from '../src/start.ts';
import { notes, synthesizeNotes } from './notes/notes-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreign-stack-'));
const denials: string[] = [];
let laptop: Laptop<Endpoints<'table' | 'queue'>>;
let clients: Clients;

beforeAll(async () => {
  // As in a project of ES modules, although the bundle is CommonJS.
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  laptop = await startLaptop(notes(synthesizeNotes(join(folder, 'cdk.out'))), {
    dataDir: join(folder, 'data'),
    port: 0,
    denied: (line) => denials.push(line),
  });
  const { endpoints } = laptop;
  clients = createClients(endpoints, endpoints, endpoints.region);
});
afterAll(async () => {
  clients.destroy();
  await laptop.close();
  rmSync(folder, { recursive: true });
});

describe('a stack that local mode has never seen', () => {
  test('stores what is posted to its API, and sends a message about it', async () => {
    const { api, table: TableName, queue: QueueUrl } = laptop.endpoints;
    const answer = await fetch(`${api}/notes`, { method: 'POST', body: 'Buy milk' });
    const id = await answer.text();
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `${api}/notes/${id}`]);

    const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }));
    expect(Item).toEqual({ id: { S: id }, text: { S: 'Buy milk' } });
    const { Messages } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    expect(Messages?.map(({ Body }) => Body)).toEqual([id]);
  });

  test('is denied a call that the role of its function does not allow', async () => {
    const answer = await fetch(`${laptop.endpoints.api}/notes`);
    expect(await answer.text()).toMatch(
      /^AccessDeniedException: User: \S+ is not authorized to perform: dynamodb:Scan on resource: \S+ because no identity-based policy allows the dynamodb:Scan action$/,
    );
    expect(denials).toEqual([expect.stringContaining('dynamodb:Scan')]);
  });

  test('invokes functions by their short names', async () => {
    const event = { httpMethod: 'POST', body: 'Call Ada' };
    expect(await laptop.invoke('write', event)).toMatchObject({
      kind: 'answered',
      payload: expect.stringContaining('"statusCode":201'),
    });
  });
});
