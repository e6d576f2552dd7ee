import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DynamoLedger } from '../../../lambda/adapters/dynamo-ledger.ts';
import { DynamoUploads } from '../../../lambda/adapters/dynamo-uploads.ts';
import { epochSeconds, type Pseudonym, secondsAfter, type Tenant } from '../../../lambda/domain/ids.ts';
import type { LedgerEvent } from '../../../lambda/domain/records.ts';
import type { Upload } from '../../../lambda/domain/uploads/upload.ts';
import { eventually } from '../../../laptop/test/support/eventually.ts';
import { LocalServices } from '../../../laptop/test/support/local-services.ts';
import { uploadAt } from '../../../test/support/uploads.ts';
import { assetName, email, tokenId } from '../../../test/support/values.ts';
import { OUTPUT_NAMES } from '../../tvm/deployment.ts';
import { runProgram } from '../../tvm/program.ts';
import { fakeIo, type Setting } from '../support/in-process.ts';
import { dataDirOf, startTvm } from '../support/tvm.ts';

const NOW = new Date('2026-11-23T12:00:00.500Z');
const LINK = tokenId('0f6b2c1d9e8a47b35c60718293a4b5c6');
const OTHER = tokenId('0f6b2c1d9e8a47b35c60718293a4b5c7');
const ALICE = 'arn:aws:iam::000000000000:user/alice@example.org';

const KEYS = { ledger: ['tokenId', 'timeEvent'], uploads: ['uploadId'] } as const;

let services: LocalServices;
let folder: ReturnType<typeof dataDirOf>;
let ledger: DynamoLedger;
let uploads: DynamoUploads;
let client: DynamoDBDocumentClient;

beforeEach(async () => {
  services = new LocalServices();
  await services.start();
  for (const [TableName, keys] of Object.entries(KEYS)) {
    await services.dynamodb().send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
      }),
    );
  }
  const url = services.urlOf('dynamodb');
  const names = [...Object.keys(OUTPUT_NAMES), 'api', 's3', 'dynamodb', 'sqs', 'ses', 'kms', 'apigateway'];
  folder = dataDirOf({
    ...Object.fromEntries(names.map((name) => [name, url])),
    ...{ ledgerTable: 'ledger', uploadTable: 'uploads', region: 'us-east-1', ...services.operator },
  });
  client = DynamoDBDocumentClient.from(services.dynamodb(), {
    marshallOptions: { removeUndefinedValues: true },
  });
  ledger = new DynamoLedger(client, { table: 'ledger', retentionDays: 10 });
  uploads = new DynamoUploads(client, { table: 'uploads', retentionDays: 10 });
});
afterEach(async () => {
  client.destroy();
  folder.remove();
  await services.remove();
});

function provideStreams(): void {
  for (const table of Object.keys(KEYS))
    services.tables.streams.provide(table, { view: 'NEW_IMAGE', ttlAttribute: undefined });
}

/** Starts `tvm watch`, and resolves after its first read of the streams. */
async function start(args: readonly string[] = [], setting: Setting = 'pipe') {
  const fake = fakeIo(setting);
  const waited = Promise.withResolvers<number>();
  const ended = runProgram(['--data-dir', folder.dataDir, 'watch', ...args], {
    ...fake.io,
    wait: (milliseconds, signal) => {
      waited.resolve(milliseconds);
      return fake.io.wait(milliseconds, signal);
    },
  });
  const interval = await Promise.race([waited.promise, ended.then(() => 0)]);
  return {
    interval,
    ended,
    stderr: fake.stderr,
    /** Waits for this many lines, stops the command as Ctrl-C does, and returns the lines. */
    lines: async (count: number): Promise<readonly string[]> => {
      const said = await eventually(
        async () => fake.stdout().split('\n').slice(0, -1),
        ({ length }) => length >= count,
      );
      fake.stop.abort();
      expect([await ended, fake.stderr()]).toEqual([0, setting === 'pipe' ? '' : expect.any(String)]);
      return said;
    },
  };
}

const append = (event: LedgerEvent, id = LINK, at = NOW) =>
  ledger.append({ ...event, tokenId: id, at, asset: assetName('report.pdf') });
const issue = (id = LINK, at = NOW) =>
  append(
    {
      event: 'issued',
      issuedBy: ALICE,
      expiresAt: secondsAfter(epochSeconds(at), 900),
      open: 'confirm',
      delivery: 'redirect',
      fileName: 'report.pdf',
      size: 12,
      address: email('bob@example.org'),
      notify: email('alice@example.org'),
      note: 'for bob@example.org \u001b[2J',
    },
    id,
    at,
  );

const UPLOAD: Upload = { ...uploadAt(NOW), tenant: 'oidc:carol@example.org' as Tenant };
const parked: Upload = {
  ...UPLOAD,
  state: 'parked',
  step: { event: 'parked', result: 'unsupported', reason: 'unsupported' },
  revision: 1,
};

describe('tvm watch', () => {
  test('prints ledger entries and upload history as JSON objects, one per line', async () => {
    provideStreams();
    const { lines, interval } = await start(['--json']);
    await issue();
    await ledger.append({
      ...{ event: 'bounced', bounce: 'permanent', pseudonym: 'ab'.repeat(16) as Pseudonym },
      ...{ tokenId: LINK, at: NOW, asset: assetName('report.pdf') },
    });
    await uploads.open(UPLOAD);
    await uploads.change(UPLOAD, parked);
    const at = NOW.toISOString();
    const link = { at, tokenId: LINK, asset: 'report.pdf' };
    const upload = { at, uploadId: UPLOAD.uploadId, tenant: 'oidc:(address)' };
    const printed = (await lines(4)).map((line): unknown => JSON.parse(line));
    expect(printed).toHaveLength(4);
    expect(printed).toEqual(
      expect.arrayContaining([
        { ...link, event: 'issued', by: 'arn:aws:iam::000000000000:user/(address)' },
        { ...link, event: 'bounced', bounce: 'permanent', pseudonym: 'ab'.repeat(16) },
        { ...upload, event: 'opened', state: 'created' },
        { ...upload, event: 'parked', state: 'parked', result: 'unsupported', reason: 'unsupported' },
      ]),
    );
    expect(interval).toBeLessThanOrEqual(500);
  });

  test('prints no addresses, notes, or control characters', async () => {
    provideStreams();
    const { lines } = await start([], 'terminal');
    await issue();
    await append({ event: 'mail-failed', reason: '550 <bob@example.org> \u001b[31munknown' });
    const said = (await lines(2)).join('\n');
    for (const secret of ['@', 'bob', 'alice', '\u001b']) expect(said).not.toContain(secret);
    expect(said).toContain(
      `2026-11-23 12:00:00Z  issued         ${LINK}  report.pdf  by arn:aws:iam::000000000000:user/(address)`,
    );
    expect(said).toContain('550 <(address)> \\u{1b}[31munknown');
  });

  test('prints tab-separated fields to a pipe', async () => {
    provideStreams();
    const { lines } = await start();
    await append({ event: 'redeemed', redemptionId: 'r' as never });
    expect(await lines(1)).toEqual([
      [NOW.toISOString(), 'redeemed', LINK, 'report.pdf', '', '', '', ''].join('\t'),
    ]);
  });

  test('starts at the time given by --since', async () => {
    provideStreams();
    const at = (minute: string) => new Date(`2026-11-23T11:${minute}:00Z`);
    await issue(OTHER, at('29'));
    await issue(LINK, at('31'));
    const { lines } = await start(['--since', '30m', '--json']);
    await append({ event: 'mailed' });
    expect((await lines(2)).map((line) => JSON.parse(line).event)).toEqual(['issued', 'mailed']);
  });

  test.each<[string, readonly string[]]>([
    ['an event', ['--event', 'mailed', 'parked']],
    ['a link', ['--link', LINK]],
    ['an upload', ['--upload', UPLOAD.uploadId]],
    ['a tenant', ['--tenant', UPLOAD.tenant]],
    ['an asset', ['--asset', 'other.pdf']],
  ])('prints only what matches %s', async (name, options) => {
    provideStreams();
    const { lines } = await start([...options, '--since', '1h', '--json']);
    await issue(OTHER);
    await append({ event: 'mailed' });
    await uploads.open({ ...uploadAt(NOW), revision: 0 });
    await uploads.open(UPLOAD);
    await uploads.change(UPLOAD, parked);
    const other = { tokenId: OTHER, at: NOW, asset: assetName('other.pdf') };
    await ledger.append({ ...other, event: 'mailed' });
    const expected = {
      'an event': ['mailed', 'mailed', 'parked'],
      'a link': ['mailed'],
      'an upload': ['opened', 'parked'],
      'a tenant': ['opened', 'parked'],
      'an asset': ['mailed'],
    }[name];
    expect((await lines(expected?.length ?? 0)).map((line) => JSON.parse(line).event).sort()).toEqual(
      expected,
    );
  });

  test('does not print an entry again when the recipient is erased from it', async () => {
    provideStreams();
    const { lines } = await start(['--json']);
    await issue();
    await client.send(
      new UpdateCommand({
        TableName: 'ledger',
        Key: { tokenId: LINK, timeEvent: `${NOW.toISOString()}#issued` },
        UpdateExpression: 'REMOVE address',
      }),
    );
    await append({ event: 'mailed' });
    expect((await lines(2)).map((line) => JSON.parse(line).event)).toEqual(['issued', 'mailed']);
  });

  test('names the deploy option that adds streams, if the tables have none', async () => {
    const { ended, stderr } = await start();
    expect(await ended).toBe(3);
    expect(stderr()).toMatch(/^error: .*ledger has no stream.*\nSet "events": true .*deploy/);
  });

  test('exits with 0 when Ctrl-C stops it', async () => {
    provideStreams();
    await issue(LINK, new Date());
    const { child, ended } = startTvm(['--data-dir', folder.dataDir, 'watch', '--since', '1h', '--json']);
    let said = '';
    child.stdout?.on('data', (text) => {
      said += text;
    });
    await eventually(
      async () => said,
      (text) => text.includes('\n'),
    );
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('"issued"') });
  });
});
