import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Clients, createClients } from '../src/clients.ts';
import type { Endpoints } from '../src/endpoints.ts';
import type { BusEvent } from '../src/events/event.ts';
import { type Laptop, startLaptop } from '../src/start.ts';
import { eventually } from './support/eventually.ts';

const LAPTOP = fileURLToPath(new URL('..', import.meta.url));

/** A project that is set up as described in laptop/README.md. */
const project = mkdtempSync(join(tmpdir(), 'foreign-stack-'));
let program: ChildProcess;
let printed = '';
let endpoints: Endpoints<'table' | 'queue'>;
let clients: Clients;

beforeAll(async () => {
  // The bundle must be loaded as CommonJS even in a project with ES modules.
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

/** Synthesizes the notes stack in a separate process, which hides the CDK's messages about bundling. */
async function synthesizeNotes(outdir: string): Promise<void> {
  const script = fileURLToPath(new URL('./notes/notes-stack.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script, outdir]);
}

/** Returns the TypeScript example in the README without its indentation. */
function programInReadme(): string {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(LAPTOP, 'README.md'), 'utf8')) ?? [];
  return example.replaceAll(/^ {3}/gm, '');
}

describe('a foreign stack run by the program in the README', () => {
  test('a note that is posted to the API is stored, and a message about it is sent', async () => {
    const { api, table: TableName, queue: QueueUrl } = endpoints;
    const response = await fetch(`${api}/notes`, { method: 'POST', body: 'Buy milk' });
    const id = await response.text();
    expect([response.status, response.headers.get('location')]).toEqual([201, `${api}/notes/${id}`]);

    const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }));
    expect(Item).toEqual({ id: { S: id }, text: { S: 'Buy milk' } });
    const { Messages } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    expect(Messages?.map(({ Body }) => Body)).toEqual([id]);
  });

  test("a call that the function's role does not allow is denied", async () => {
    const response = await fetch(`${endpoints.api}/notes`);
    expect(await response.text()).toMatch(
      /^AccessDeniedException: User: \S+ is not authorized to perform: dynamodb:Scan on resource: \S+ because no identity-based policy allows the dynamodb:Scan action$/,
    );
    await eventually(async () => printed.includes('cannot call dynamodb:Scan'), Boolean);
  });
});

describe("a foreign stack that runs in the test's process", () => {
  const denied: string[] = [];
  const steps: string[] = [];
  let laptop: Laptop<Endpoints<'bucket' | 'queue' | 'announced' | 'published' | 'table'>>;
  let inProcess: Clients;

  beforeAll(async () => {
    laptop = await startLaptop(
      {
        name: 'notes',
        assembly: () => join(project, 'cdk.out'),
        outputs: {
          bucket: 'BucketName',
          queue: 'QueueUrl',
          announced: 'AnnouncedUrl',
          published: 'PublishedUrl',
          table: 'TableName',
        },
        optionalOutputs: { again: 'QueueUrl', absent: 'AbsentUrl' },
        environment: ({ guardduty }) => ({ PUBLIC_URL: guardduty }),
      },
      {
        dataDir: join(project, 'in-process'),
        port: 0,
        scanner: ({ key }) => (key === 'lost' ? 'never' : undefined),
        log: (line) => steps.push(line),
        denied: (line) => denied.push(line),
      },
    );
    inProcess = createClients(laptop.endpoints, laptop.endpoints, laptop.endpoints.region);
  });
  afterAll(async () => {
    inProcess?.destroy();
    await laptop?.close();
  });

  async function next(QueueUrl: string): Promise<unknown> {
    const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
    const { Messages } = await inProcess.sqs.send(command);
    return Messages?.[0]?.Body;
  }

  const announcement = async (): Promise<BusEvent> =>
    JSON.parse(String(await next(laptop.endpoints.announced)));

  const put = (Key: string) =>
    inProcess.s3.send(new PutObjectCommand({ Bucket: laptop.endpoints.bucket, Key, Body: 'content' }));

  test('the endpoints contain an optional output only if it exists in the template', () => {
    expect(laptop.endpoints).toMatchObject({ again: laptop.endpoints.queue });
    expect(laptop.endpoints).not.toHaveProperty('absent');
  });

  test('events are sent for a new object and its malware verdict', async () => {
    const { VersionId } = await put('a');
    const bucketArn = `arn:aws:s3:::${laptop.endpoints.bucket}`;
    const announced = [await announcement(), await announcement()];
    expect(announced.find(({ source }) => source === 'aws.s3')).toMatchObject({
      'detail-type': 'Object Created',
      account: '000000000000',
      region: 'us-east-1',
      resources: [bucketArn],
      detail: {
        version: '0',
        bucket: { name: laptop.endpoints.bucket },
        object: {
          key: 'a',
          size: 7,
          etag: '9a0364b9e99bb480dd25e1f0284c8555',
          'version-id': VersionId,
          sequencer: expect.stringMatching(/^[0-9A-F]{16,18}$/),
        },
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    });
    expect(announced.find(({ source }) => source === 'aws.guardduty')).toMatchObject({
      detail: {
        s3ObjectDetails: { objectKey: 'a', versionId: VersionId },
        scanResultDetails: { scanResultStatus: 'NO_THREATS_FOUND' },
      },
    });
    expect([denied, steps]).toEqual([
      [],
      expect.arrayContaining([expect.stringMatching(/^The malware scanner is /)]),
    ]);
  });

  test('publishEvent accepts repeated events and, unlike putEvent, events of AWS services', async () => {
    await put('lost');
    expect(await announcement()).toMatchObject({ source: 'aws.s3', detail: { object: { key: 'lost' } } });
    const verdict = { 'detail-type': 'Verdict', resources: [], detail: {} };
    expect(laptop.putEvent({ ...verdict, source: 'aws.guardduty' })).toMatchObject({
      errorCode: 'NotAuthorizedForSourceException',
    });
    await laptop.publishEvent({
      ...verdict,
      source: 'aws.s3',
      detail: { bucket: { name: laptop.endpoints.bucket } },
    });
    const event = await announcement();
    expect(event).toMatchObject({ 'detail-type': 'Verdict' });
    await laptop.publishEvent(event);
    expect(await announcement()).toEqual(event);
  });

  test("a new item is published through its table's stream, and later expires", async () => {
    const { table: TableName, published } = laptop.endpoints;
    const Item = { id: { S: 'a' }, text: { S: 'Buy milk' }, removeAt: { N: String(Date.now() / 1000 - 60) } };
    await inProcess.dynamodb.send(new PutItemCommand({ TableName, Item }));
    expect(JSON.parse(String(await next(published)))).toMatchObject({
      source: 'notes',
      'detail-type': 'Note written',
      detail: { text: 'Buy milk' },
    });
    expect([await laptop.removeExpired(), denied]).toEqual([1, []]);
  });

  test('runSchedule runs a schedule by name', async () => {
    await laptop.runSchedule('Weekly');
    expect(await next(laptop.endpoints.queue)).toMatch(/^[0-9a-f-]{36}$/);
  });
});
