import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Clients, createClients } from '../src/clients.ts';
import type { Endpoints } from '../src/endpoints.ts';
import { eventually } from './support/eventually.ts';

const LAPTOP = fileURLToPath(new URL('..', import.meta.url));

/** A project that follows laptop/README.md. */
const project = mkdtempSync(join(tmpdir(), 'foreign-stack-'));
let program: ChildProcess;
let printed = '';
let endpoints: Endpoints<'table' | 'queue'>;
let clients: Clients;

beforeAll(async () => {
  // The bundle is CommonJS, even in a project of ES modules.
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(LAPTOP, join(project, 'node_modules', 'laptop'));
  await synthesizeNotes(join(project, 'cdk.out'));
  writeFileSync(join(project, 'local.mts'), programInReadme());

  program = spawn(process.execPath, ['local.mts', '--port', '0'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  program.stdout?.on('data', (text) => {
    printed += text;
  });
  await eventually(async () => printed.includes('region:') || program.exitCode !== null, Boolean);
  endpoints = JSON.parse(readFileSync(join(project, '.local', 'endpoints.json'), 'utf8'));
  clients = createClients(endpoints, endpoints, endpoints.region);
});
afterAll(async () => {
  clients?.destroy();
  if (program.exitCode === null && program.kill('SIGINT')) await once(program, 'exit');
  rmSync(project, { recursive: true });
});

/** Synthesizes in a process of its own, because the CDK prints that it bundles. */
async function synthesizeNotes(outdir: string): Promise<void> {
  const script = fileURLToPath(new URL('./notes/notes-stack.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script, outdir]);
}

/** Returns the one TypeScript example of the README, without the indentation of the list that it is in. */
function programInReadme(): string {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(LAPTOP, 'README.md'), 'utf8')) ?? [];
  return example.replaceAll(/^ {3}/gm, '');
}

describe('a stack that local mode has never seen, run by the program in the README', () => {
  test('the stack stores what is posted to its API, and sends a message about it', async () => {
    const { api, table: TableName, queue: QueueUrl } = endpoints;
    const answer = await fetch(`${api}/notes`, { method: 'POST', body: 'Buy milk' });
    const id = await answer.text();
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `${api}/notes/${id}`]);

    const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }));
    expect(Item).toEqual({ id: { S: id }, text: { S: 'Buy milk' } });
    const { Messages } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    expect(Messages?.map(({ Body }) => Body)).toEqual([id]);
  });

  test('a function is denied a call that its role does not allow', async () => {
    const answer = await fetch(`${endpoints.api}/notes`);
    expect(await answer.text()).toMatch(
      /^AccessDeniedException: User: \S+ is not authorized to perform: dynamodb:Scan on resource: \S+ because no identity-based policy allows the dynamodb:Scan action$/,
    );
    await eventually(async () => printed.includes('may not dynamodb:Scan'), Boolean);
  });
});
