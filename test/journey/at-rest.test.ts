import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readInbox } from '../../laptop/src/inbox.ts';
import { issueLinks } from '../support/issue-links.ts';
import { type Laptop, postJson, postToken } from '../support/laptop.ts';
import { startTenants, type Tenants } from '../support/tenants.ts';

/* Promise 4: nothing that is stored can open a file. Runs the whole journey, then searches everything it wrote for secrets. */

let world: Tenants;
let laptop: Laptop;
const secrets = new Map<string, string>();

/** Sends a file through an upload link, and returns the signed URL of its only part. */
async function sentThrough(token: string): Promise<URL> {
  const ask = async (path: string, body: object) => {
    const response = await postJson(`${laptop.endpoints.api}/upload/${path}`, { token, ...body });
    expect(response.ok).toBe(true);
    return (await response.json()) as { uploadId: string; parts: readonly [{ url: string }] };
  };
  const declared = { fileName: 'notes.txt', type: 'text/plain', size: 5, crc64nvme: 'M3eFcAZSQlc=' };
  const { uploadId } = await ask('open', declared);
  const { parts } = await ask('parts', { uploadId, partNumbers: [1] });
  expect((await fetch(parts[0].url, { method: 'PUT', body: 'hello' })).status).toBe(200);
  await ask('finalize', { uploadId });
  await ask('finish', {});
  return new URL(parts[0].url);
}

const signatureIn = (url: string | URL): string => new URL(url).searchParams.get('X-Amz-Signature') ?? '';

beforeAll(async () => {
  world = await startTenants();
  ({ laptop } = world);
  const { api } = laptop.endpoints;
  await laptop.offer('secret report.pdf', 'bytes');
  const token = await laptop.mailedToken('ada@example.org', 'secret report.pdf');
  await fetch(`${api}/redeem?token=${token}`);
  const redeemed = await postToken(`${api}/redeem`, token);
  await postToken(`${api}/redeem`, token, 'text/html');
  await postToken(`${api}/redeem/renew`, token);
  await postToken(`${api}/redeem/report`, token);
  const url = new URL(redeemed.headers.get('location') ?? '');
  expect((await fetch(url)).status).toBe(200);
  const named = { 'idempotency-key': 'a-name-of-the-caller' };
  const wanted = { asset: 'secret report.pdf', open: 'direct', note: 'of no secret', count: 2 };
  const [link, streamed] = [
    ...(await issueLinks(laptop.endpoints, wanted, named)),
    ...(await issueLinks(laptop.endpoints, { ...wanted, count: 1, delivery: 'stream' })),
  ].filter((_, index) => index !== 1);
  if (link === undefined || streamed === undefined) throw new Error('links were not issued');
  await fetch(link.url);
  expect((await fetch(streamed.url)).status).toBe(200);

  await laptop.offer('secret plan.pdf', 'bytes');
  const assets = ['secret report.pdf', 'secret plan.pdf'];
  const [collection] = await issueLinks(laptop.endpoints, { assets, recipient: 'ada@example.org' });
  const page = await (await fetch(collection?.url ?? '', { headers: { accept: 'text/html' } })).text();
  const [collected = ''] = page.match(/tvm_[\w-]{52}/g) ?? [];
  await postToken(`${api}/redeem`, collected);

  const { acme } = world.tenants;
  const signed = await acme.send('GET /oidc/objects/{objectId}/download-url', acme.own[0]);
  const download = (await signed.json()) as { url: string };
  expect((await fetch(download.url)).status).toBe(200);
  const uploadToken = new URL(acme.linkUrl).searchParams.get('token') ?? '';
  await fetch(acme.linkUrl);
  const part = await sentThrough(uploadToken);

  for (const [name, secret] of [
    ['the token of an upload link', uploadToken],
    ['the signature of a part', signatureIn(part)],
    ['the signature of a download', signatureIn(download.url)],
    ['the signature of a PUT', signatureIn(acme.putUrl)],
    ['the signature of a bearer token', world.provider.made[0]?.split('.')[2] ?? ''],
    ['the mailed token', token],
    ['the issued token', link.token],
    ['the streamed token', streamed.token],
    ['the token of a collection', collection?.token ?? ''],
    ['the token of a file in a collection', collected],
    ['the signature of a presigned URL', signatureIn(url)],
  ] as const) {
    expect(secret.length).toBeGreaterThan(40);
    secrets.set(name, secret);
    // Parts of a secret must not be stored either.
    secrets.set(`${name}, a part`, secret.slice(8, 40));
  }
});
afterAll(() => world.close());

function expectNoSecret(where: string, text: string): void {
  for (const [name, secret] of secrets) {
    if (text.includes(secret)) throw new Error(`${where} contains ${name}`);
  }
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

test('no file that was written during the journey contains a token or a signed URL', () => {
  const files = filesUnder(laptop.dataDir);
  expect(files.some((file) => file.includes('log'))).toBe(true);
  for (const file of files) {
    expectNoSecret(relative(laptop.dataDir, file), readFileSync(file, 'latin1'));
  }
});

test('no log contains an e-mail address, and the logs identify tokens by their IDs', () => {
  const logs = filesUnder(join(laptop.dataDir, 'logs')).map((file) => readFileSync(file, 'utf8'));
  expect(logs.join('')).toContain('"tokenId"');
  for (const log of logs) expect(log).not.toContain('ada@');
});

test('no row of any table contains a token or a signed URL', async () => {
  const { dynamodb: endpoint, region } = laptop.endpoints;
  const client = new DynamoDBClient({ endpoint, region, credentials: laptop.endpoints });
  const { TableNames = [] } = await client.send(new ListTablesCommand());
  expect(TableNames).toHaveLength(8);
  let rows = 0;
  for (const TableName of TableNames) {
    const { Items = [] } = await DynamoDBDocumentClient.from(client).send(new ScanCommand({ TableName }));
    rows += Items.length;
    expectNoSecret(TableName, JSON.stringify(Items));
  }
  expect(rows).toBeGreaterThan(6);
  client.destroy();
});

test('no queued message contains a token or an e-mail address', async () => {
  const { sqs: endpoint, region } = laptop.endpoints;
  const client = new SQSClient({ endpoint, region, credentials: laptop.endpoints });
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand());
  expect(QueueUrls.join()).toMatch(/MailQueue.*VerdictQueue/);
  for (const QueueUrl of QueueUrls) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    expectNoSecret(QueueUrl, JSON.stringify(Messages));
    expect(JSON.stringify(Messages)).not.toContain('ada@');
  }
  client.destroy();
});

test('neither the terminal nor the subject of an e-mail shows a secret', async () => {
  expectNoSecret('the terminal', laptop.said());
  for (const { subject } of await readInbox(laptop.endpoints.inbox)) expectNoSecret('a subject', subject);
});
