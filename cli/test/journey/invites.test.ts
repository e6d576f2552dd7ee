import { Crc64Nvme } from '@aws-sdk/checksums/crc';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readInbox } from '../../../laptop/src/inbox.ts';
import { eventually } from '../../../laptop/test/support/eventually.ts';
import { type Laptop, postJson, startLaptop } from '../../../test/support/laptop.ts';
import { mailTo } from '../../../test/support/mail.ts';
import { EXIT_CODES } from '../../tvm/exit-codes.ts';
import { runLive } from '../support/in-process.ts';

const CONTRACT = 'a signed contract';

let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop();
});
afterAll(() => laptop.close());

const tvm = (...args: readonly string[]) => runLive(['--data-dir', laptop.dataDir, ...args]);

async function json(...args: readonly string[]) {
  const { status, stdout, stderr } = await tvm(...args, '--json');
  return { status, stderr, value: JSON.parse(stdout || 'null') };
}

async function post(path: string, body: object) {
  const response = await postJson(`${laptop.endpoints.api}/upload/${path}`, body);
  return { status: response.status, body: JSON.parse((await response.text()) || 'null') };
}

const tokenOf = (text = '') => /tvu_[A-Za-z0-9_-]+/.exec(text)?.[0] ?? '';

const mailsTo = async (address: string) =>
  (await readInbox(laptop.endpoints.inbox)).filter(({ destination }) => destination.to.includes(address))
    .length;

/** Uploads a file as the script of the upload page does. */
async function send(token: string, fileName: string, content: string): Promise<string> {
  const crc = new Crc64Nvme();
  crc.update(Buffer.from(content));
  const crc64nvme = Buffer.from(await crc.digest()).toString('base64');
  const file = { fileName, size: content.length, type: 'text/plain', crc64nvme };
  const opened = await post('open', { token, ...file });
  expect(opened.status).toBe(201);
  const { uploadId } = opened.body;
  const signed = await post('parts', { token, uploadId, partNumbers: [1] });
  const [part] = signed.body.parts;
  const stored = await fetch(part.url, { method: 'PUT', headers: part.headers, body: content });
  expect(stored.status).toBe(200);
  expect((await post('finalize', { token, uploadId })).status).toBeLessThan(300);
  return uploadId;
}

async function expire(linkId: string): Promise<void> {
  const { region, accessKeyId, secretAccessKey, dynamodb, uploadLinkTable } = laptop.endpoints;
  const client = new DynamoDBClient({
    region,
    endpoint: dynamodb,
    credentials: { accessKeyId, secretAccessKey },
  });
  await client.send(
    new UpdateItemCommand({
      TableName: uploadLinkTable,
      Key: { linkId: { S: linkId } },
      UpdateExpression: 'SET expiresAt = :past',
      ExpressionAttributeValues: { ':past': { N: '1700000000' } },
    }),
  );
  client.destroy();
}

describe('tvm invite', () => {
  test('mails a link, publishes the files sent through it, and lets the inviter issue links for them', async () => {
    const [to, notify] = ['ann@example.org', 'me@example.org'];
    const invited = await tvm('invite', '--for', 'the contract', '--to', to, '--notify', notify);
    expect(invited).toMatchObject({ status: 0, stderr: '' });
    const linkId = invited.stdout.trim();
    expect(linkId).toMatch(/^e[0-9a-f]{31}$/);
    const token = tokenOf((await mailTo(laptop.endpoints.inbox, to)).body.text);
    await send(token, 'contract.txt', CONTRACT);
    expect(await post('finish', { token })).toMatchObject({ status: 200, body: { state: 'finished' } });

    const shown = await eventually(
      async () => (await json('invites', 'show', linkId)).value,
      ({ files }) => files[0].state === 'published',
    );
    expect(shown).toMatchObject({ state: 'finished', for: 'the contract', to, notify });
    const issued = await tvm('issue', '--object', shown.files[0].objectId, '--open', 'direct');
    expect(await (await fetch(issued.stdout.trim())).text()).toBe(CONTRACT);

    // The uploader gets the invitation and a confirmation. The inviter gets a notice that files have arrived.
    await eventually(
      () => mailsTo(to),
      (count) => count >= 2,
    );
    await eventually(
      () => mailsTo(notify),
      (count) => count >= 1,
    );
    expect(await tvm('invites', 'revoke', linkId, '--yes')).toMatchObject({ status: EXIT_CODES.no.status });
  });

  test('prints a link that is not mailed, never shows it again, and sends the limits to the API', async () => {
    const limits = ['--files', '2', '--max-size', '1KB', '--types', 'txt,application/pdf', '--expires', '2h'];
    const { value } = await json('invite', '--for', 'notes', ...limits);
    const token = tokenOf(value.url);
    expect((await post('files', { token })).body).toMatchObject({
      ...{ state: 'open', mostFiles: 2, maxBytes: 1000, types: ['text/plain', 'application/pdf'] },
    });
    const { stdout } = await tvm('invites', 'show', value.linkId);
    expect(stdout).not.toContain(token);
  });

  test('returns the same link for the same idempotency key', async () => {
    const args = ['invite', '--for', 'once', '--idempotency-key', 'once'];
    const first = await tvm(...args);
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('tvu_') });
    expect(await tvm(...args)).toEqual(first);
  });

  test('refuses a type that the deployment does not accept', async () => {
    expect(await tvm('invite', '--for', 'pages', '--types', 'html')).toMatchObject({
      status: EXIT_CODES.no.status,
      stderr: expect.stringContaining('(type_not_allowed'),
    });
  });
});

describe('tvm invites', () => {
  test('extends a live link from its expiry, and an expired link from now', async () => {
    const { value: invited } = await json('invite', '--for', 'later', '--expires', '2d');
    const longer = await json('invites', 'extend', invited.linkId, '--by', '3d');
    const days = (Date.parse(longer.value.expiresAt) - Date.parse(invited.expiresAt)) / 86_400_000;
    expect(days).toBeCloseTo(3, 2);

    await expire(invited.linkId);
    const token = tokenOf(invited.url);
    expect((await post('files', { token })).status).toBe(410);
    expect((await json('invites', 'show', invited.linkId)).value.state).toBe('expired');
    const again = await json('invites', 'extend', invited.linkId, '--by', '1h');
    expect(again).toMatchObject({ status: 0, value: { state: 'open' } });
    expect((await post('files', { token })).status).toBe(200);
    expect(await tvm('invites', 'extend', invited.linkId, '--by', '60d')).toMatchObject({
      status: EXIT_CODES.usage.status,
      stderr: expect.stringContaining('60 days from now'),
    });
  });

  test('revokes a link permanently, and lists it with its state', async () => {
    const { value: invited } = await json('invite', '--for', 'nothing');
    expect(await tvm('invites', 'revoke', invited.linkId)).toMatchObject({ status: EXIT_CODES.usage.status });
    const revoked = await tvm('invites', 'revoke', invited.linkId, '--yes');
    expect(revoked).toMatchObject({ status: 0, stdout: expect.stringContaining('State\trevoked\n') });
    expect((await post('files', { token: tokenOf(invited.url) })).status).toBe(403);
    const { stdout } = await tvm('invites');
    expect(stdout.split('\n')).toContain(`${invited.linkId}\trevoked\t${invited.expiresAt}\tnothing\t`);
    const extended = await tvm('invites', 'extend', invited.linkId, '--by', '1h');
    expect(extended).toMatchObject({ status: EXIT_CODES.no.status });
  });

  test('shows the link of a forgotten person as revoked, and without personal data', async () => {
    const to = 'forgotten@example.org';
    const { value: invited } = await json('invite', '--for', 'your diploma', '--to', to);
    const token = tokenOf((await mailTo(laptop.endpoints.inbox, to)).body.text);
    const { value: counts } = await json('forget', to, '--yes');
    expect(counts).toMatchObject({ uploadLinks: 1, revoked: 1, links: 0 });
    const { status, stdout } = await tvm('invites', 'show', invited.linkId);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('State\trevoked\n') });
    expect(stdout).not.toMatch(/forgotten@|diploma/);
    expect((await post('files', { token })).status).toBe(403);
  });

  test('exits with 3 for an ID that does not exist', async () => {
    const unknown = `e${'0'.repeat(31)}`;
    for (const args of [['show'], ['revoke', '--yes'], ['extend', '--by', '1h']])
      expect(await tvm('invites', ...args.slice(0, 1), unknown, ...args.slice(1))).toMatchObject({
        status: EXIT_CODES.notFound.status,
      });
  });
});

describe('tvm uploads', () => {
  test('lists and shows an upload that has no size because its form was never sent', async () => {
    const { value: invited } = await json('invite', '--for', 'a form');
    const form = { token: tokenOf(invited.url), fileName: 'form.txt' };
    const opened = await postJson(`${laptop.endpoints.api}/upload/form`, form);
    expect(opened.status).toBe(200);
    const { value: link } = await json('invites', 'show', invited.linkId);
    const [{ uploadId }] = link.files;
    const listed = await tvm('uploads', '--all');
    expect(listed).toMatchObject({ status: 0, stderr: '' });
    expect(listed.stdout).toContain(uploadId);
    expect(await tvm('uploads', 'show', uploadId)).toMatchObject({ status: 0, stderr: '' });
  });
});
