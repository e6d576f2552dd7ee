import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Clients, createClients } from '../../../laptop/src/clients.ts';
import { eventually } from '../../../laptop/test/support/eventually.ts';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { issueLink } from '../../../test/support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../../../test/support/laptop.ts';
import { mailTo } from '../../../test/support/mail.ts';
import { noCounts } from '../../forget/counts.ts';
import { runProgram } from '../../tvm/program.ts';
import { fakeIo, type Ran, runLive } from '../support/in-process.ts';
import { dataDirOf, startTvm } from '../support/tvm.ts';

let laptop: Laptop;
let clients: Clients;
beforeAll(async () => {
  laptop = await startLaptop({ events: 'true' });
  clients = createClients(laptop.endpoints, laptop.endpoints, laptop.endpoints.region);
});
afterAll(async () => {
  clients?.destroy();
  await laptop?.close();
});

const tvm = (...args: readonly string[]): Promise<Ran> => runLive([...args, '--data-dir', laptop.dataDir]);

/** Runs a command and returns its JSON, whatever its exit status. */
async function response(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await tvm(...args, '--json');
  return JSON.parse(stdout);
}

/** Waits for the ledger entry of the e-mail. The inbox receives the e-mail before the entry is written. */
async function isNotedAsMailed(asset: string): Promise<void> {
  const { stdout } = await eventually(
    () => tvm('export', '--asset', asset),
    (ran) => ran.stdout.includes(',mailed,'),
  );
  expect(stdout).toContain(',mailed,');
}

async function putDead(QueueUrl: string, MessageBody: string): Promise<void> {
  await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

const GOLDEN_BOUNCE = readFileSync(
  new URL('../../../test/golden/eventbridge-bounce.json', import.meta.url),
  'utf8',
);
const TODAY = new Date().toISOString().slice(0, 10);

describe('tvm export', () => {
  test('writes links and redemptions as CSV and as JSON lines', async () => {
    await laptop.offer('exported.pdf', 'the report');
    const token = await laptop.mailedToken('lead@example.org', 'exported.pdf');
    expect((await postToken(`${laptop.endpoints.api}/redeem`, token)).status).toBe(302);

    await isNotedAsMailed('exported.pdf');
    const csv = await tvm('export', '--asset', 'exported.pdf', '--from', TODAY);
    expect(csv).toMatchObject({ status: 0, stderr: '' });
    const [header = '', row = '', ...rest] = csv.stdout.split('\r\n');
    expect(header.startsWith('tokenId,asset,fileName,size,address,issuedBy,issuedAt,expiresAt,state,')).toBe(
      true,
    );
    expect(row).toMatch(
      /^[0-9a-f]{32},exported\.pdf,exported\.pdf,10,lead@example\.org,public,.*,redeemed,confirm,/,
    );
    expect(rest).toEqual(['']);

    const json = await tvm('export', '--asset', 'exported.pdf', '--format', 'jsonl');
    expect(JSON.parse(json.stdout)).toMatchObject({
      address: 'lead@example.org',
      state: 'redeemed',
      mail: 'mailed',
    });
    expect(await tvm('export', '--asset', 'exported.pdf', '--to', '2026-01-01')).toMatchObject({
      status: 0,
      stdout: `${header}\r\n`,
    });
    expect(csv.stdout + json.stdout).not.toContain('tvm_');
  });

  test('without --asset, writes the links for every file', async () => {
    await laptop.put('private/one.txt', 'one');
    await issueLink(laptop.endpoints, { asset: 'private/one.txt', expiresIn: 86_400, note: 'for one' });
    const lines = (await tvm('export', '--json')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ asset: 'private/one.txt', note: 'for one', state: 'live' }),
    );
  });

  test.each([
    [['--from', 'yesterday'], '--from takes a day'],
    [['--from', '2026-11-02', '--to', '2026-11-01'], '--to is before --from'],
    [['--asset', 'gated/report.pdf'], 'Leave out gated/'],
    [['--format', 'xml'], 'Allowed choices are csv, jsonl'],
  ])('rejects %j as incorrect usage', async (args, why) => {
    const ran = await tvm('export', ...args);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(why);
  });
});

describe('tvm forget', () => {
  test('erases a person, prints the counts, and finds nothing the second time', async () => {
    await laptop.offer('private-matter.pdf', 'the report');
    const token = await laptop.mailedToken('Grace+fair@example.org', 'private-matter.pdf');

    const asked = await tvm('forget', 'grace@example.org');
    expect(asked).toMatchObject({ status: 2, stdout: '' });
    expect(asked.stderr).toContain('Add --yes');
    expect((await postToken(`${laptop.endpoints.api}/redeem`, token)).status).toBe(302);
    await laptop.offer('other-matter.pdf', 'another report');
    const live = await laptop.mailedToken('grace@example.org', 'other-matter.pdf');

    await isNotedAsMailed('private-matter.pdf');
    await isNotedAsMailed('other-matter.pdf');
    const bounce = GOLDEN_BOUNCE.replaceAll('ada@example.org', 'grace@example.org');
    await putDead(laptop.endpoints.bounceDeadLetterQueueUrl, bounce);
    expect(await response('forget', 'grace@example.org', '--yes')).toEqual({
      links: 2,
      revoked: 1,
      notices: 0,
      uploadLinks: 0,
      records: 0,
      receipts: 1,
      // Two links, each issued, mailed, and ended.
      ledgerEntries: 6,
      // Each of the two files has a cooldown and an hourly counter. The other two counters are daily: one for the
      // address, and one for the address together with the source.
      counters: 6,
      bounces: 1,
      unseenBounces: 0,
    });
    expect((await postToken(`${laptop.endpoints.api}/redeem`, live)).status).toBe(403);
    const exported = await tvm('export');
    expect(exported.stdout).toMatch(/,private-matter\.pdf,.*,redeemed,/);
    expect(exported.stdout).toMatch(/,other-matter\.pdf,.*,revoked,/);
    expect(exported.stdout.toLowerCase()).not.toContain('grace');
    expect(await response('forget', 'grace@example.org', '--yes')).toEqual(noCounts());
  });

  test('keeps a link that would only have notified the person', async () => {
    await laptop.put('private/watched.txt', 'watched');
    const { url } = await issueLink(laptop.endpoints, {
      asset: 'private/watched.txt',
      open: 'direct',
      notify: 'watcher@example.org',
    });
    expect(await response('forget', 'watcher@example.org', '--yes')).toMatchObject({ notices: 1, links: 0 });
    expect(await (await fetch(url)).text()).toBe('watched');
  });

  test('lists what it does not erase, and never prints the address', async () => {
    const ran = await tvm('forget', 'nobody@example.org');
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stderr).toContain('backups');
    expect(ran.stdout + ran.stderr).not.toContain('nobody');
  });

  test.each(['no address', 'a@b@c', 'one@example.org,two@example.org'])(
    'rejects %j as an invalid address',
    async (text) => {
      expect(await tvm('forget', text, '--yes')).toMatchObject({ status: 2, stdout: '' });
    },
  );
});

describe('tvm watch', () => {
  /*
   * Calls can take any amount of time on a busy computer, so the test counts only what the command adds: one pause of
   * at most half a second, and one read.
   */
  test('shows a redemption on its next read, at most half a second later', async () => {
    await laptop.offer('watched.pdf', 'the report');
    const { token, tokenId } = await issueLink(laptop.endpoints, { asset: 'watched.pdf' });
    const fake = fakeIo('pipe');
    let isWaiting = Promise.withResolvers<number>();
    let goOn = (): void => undefined;
    const ended = runProgram(['--data-dir', laptop.dataDir, 'watch', '--json'], {
      ...fake.io,
      wait: (milliseconds, signal) => {
        const wait = Promise.withResolvers<void>();
        goOn = wait.resolve;
        signal.addEventListener('abort', goOn);
        isWaiting.resolve(milliseconds);
        return wait.promise;
      },
    });
    const failed = ended.then(() => Promise.reject(new Error(fake.stderr())));
    failed.catch(() => undefined);
    const nextWait = () => Promise.race([isWaiting.promise, failed]);
    const milliseconds = await nextWait();
    expect((await postToken(`${laptop.endpoints.api}/redeem`, token)).status).toBe(302);
    expect(fake.stdout()).not.toContain(tokenId);
    isWaiting = Promise.withResolvers();
    goOn();
    await nextWait();
    const entries = fake.stdout().split('\n').slice(0, -1);
    expect(entries.map((line): unknown => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ event: 'redeemed', tokenId }),
    );
    expect(milliseconds).toBeLessThanOrEqual(500);
    fake.stop.abort();
    goOn();
    expect(await ended).toBe(0);
  });
});

describe('tvm redrive', () => {
  const dead = (queue: string, body: object) => putDead(queue, JSON.stringify(body));

  test('lists e-mails that could not be sent, and moves them with --yes', async () => {
    await laptop.offer('late.pdf', 'the report');
    const { tokenId } = await issueLink(laptop.endpoints, {
      asset: 'late.pdf',
      recipient: 'late@example.org',
    });
    await mailTo(laptop.endpoints.inbox, 'late@example.org');
    await dead(laptop.endpoints.deadLetterQueueUrl, { tokenId });

    const looked = await tvm('redrive');
    expect(looked).toMatchObject({ status: 0, stdout: expect.stringContaining(`${tokenId}\t`) });
    expect(looked.stderr).toContain('Nothing was moved');
    expect(await response('redrive', '--yes')).toMatchObject({
      queue: 'mail',
      count: 1,
      letters: [{ tokenId, received: 2 }],
      moved: 1,
    });
    for (const queue of ['mail', 'verdicts'])
      expect(await response('redrive', '--queue', queue, '--yes')).toEqual({
        ...{ queue, count: 0, letters: [], moved: 0 },
      });
  });

  test('moves bounces back to their queue, so that the bounced links are revoked', async () => {
    await laptop.offer('bounced.pdf', 'the report');
    const { tokenId } = await issueLink(laptop.endpoints, {
      asset: 'bounced.pdf',
      recipient: 'gone@example.org',
    });
    await mailTo(laptop.endpoints.inbox, 'gone@example.org');
    await isNotedAsMailed('bounced.pdf');
    const timestamp = new Date().toISOString();
    await dead(laptop.endpoints.bounceDeadLetterQueueUrl, {
      detail: {
        eventType: 'Bounce',
        mail: { destination: ['gone@example.org'], tags: { tokenId: [tokenId] } },
        bounce: { bounceType: 'Permanent', timestamp },
      },
    });

    const looked = await tvm('redrive', '--queue', 'bounces');
    expect(looked.stdout).toContain(tokenId);
    expect(looked.stdout + looked.stderr).not.toContain('gone@');
    expect(await tvm('redrive', '--queue', 'bounces', '--yes')).toMatchObject({ status: 0 });
    const seen = await eventually(
      () => tvm('export', '--asset', 'bounced.pdf', '--json'),
      ({ stdout }) => stdout.includes('"revoked"'),
    );
    expect(JSON.parse(seen.stdout)).toMatchObject({ tokenId, state: 'revoked', mail: 'bounced' });
  });
});

describe('tvm audit', () => {
  test('exits with 0 if the tables agree, and with 1 while the record of a live link is missing', async () => {
    await laptop.put('private/kept.txt', 'kept');
    const { tokenId } = await issueLink(laptop.endpoints, { asset: 'private/kept.txt', expiresIn: 3600 });
    const well = await tvm('audit');
    expect(well.status).toBe(0);
    const sums = Object.fromEntries(
      well.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')),
    );
    const { live, redeemed, revoked, expired, ...all } = sums;
    expect(Number(live)).toBeGreaterThan(0);
    const sum = [live, redeemed, revoked, expired].reduce((so, one) => so + Number(one), 0);
    expect(all).toEqual({ total: String(sum), issued: String(sum) });

    const row = { TableName: laptop.endpoints.tokenTable, Key: { tokenId: { S: tokenId } } };
    const { Item } = await clients.dynamodb.send(new GetItemCommand(row));
    await clients.dynamodb.send(new DeleteItemCommand(row));
    const ill = await tvm('audit', '--json');
    expect(ill.status).toBe(1);
    expect(JSON.parse(ill.stdout)).toMatchObject({ contradictions: [{ tokenId, kind: 'record-lost' }] });
    await clients.dynamodb.send(new PutItemCommand({ TableName: row.TableName, Item }));
    expect((await tvm('audit')).status).toBe(0);
  });
});

describe('tvm doctor', () => {
  test('passes in local mode, lists what it skips, and reports messages in a dead-letter queue', async () => {
    const well = await tvm('doctor');
    expect(well.status).toBe(0);
    expect(well.stdout).toMatch(/^skipped\tSES account\t/m);
    expect(well.stdout).toMatch(/^ok\ttables\t8 active/m);
    expect(well.stdout).toMatch(/^ok\tverdicts queue\tdead-letter queue empty/m);
    expect(well.stdout).not.toMatch(/^(problem|warning)/m);

    const body = { QueueUrl: laptop.endpoints.deadLetterQueueUrl, MessageBody: '{}' };
    await clients.sqs.send(new SendMessageCommand(body));
    const ill = await tvm('doctor');
    expect(ill.status).toBe(1);
    expect(ill.stdout).toMatch(
      /^problem\tmail queue\t1 in the dead-letter queue\t.*npx tvm redrive --queue mail$/m,
    );
  });
});

describe('tvm smoke', () => {
  const versions = async () => {
    const list = new ListObjectVersionsCommand({ Bucket: laptop.endpoints.bucket, Prefix: 'private/smoke/' });
    const { Versions = [], DeleteMarkers = [] } = await clients.s3.send(list);
    return [...Versions, ...DeleteMarkers];
  };

  test('prints one line per step, without tokens or URLs, and leaves nothing behind', async () => {
    const ran = await tvm('smoke');
    expect(ran.status).toBe(0);
    const steps = ran.stdout.trimEnd().split('\n');
    expect(steps).toHaveLength(12);
    expect(steps.every((line) => /^ok\t[a-z A-Z]+\t\d+\t/.test(line))).toBe(true);
    expect(ran.stdout + ran.stderr).not.toMatch(/tvm_[A-Za-z0-9_-]{52}|https?:/);
    expect(await versions()).toEqual([]);
  });

  test('leaves nothing behind if Ctrl-C is pressed just after a link was issued', async () => {
    let stop = (): unknown => undefined;
    let posts = 0;
    const proxy = await startFaultProxy(laptop.endpoints.apigateway, (_target, { method }) => {
      if (method === 'POST') posts += 1;
      // At this point, the file exists, and the first link is being issued. A second signal would end the program.
      if (method === 'POST' && posts === 1) stop();
      return { fate: 'pass' };
    });
    const { dataDir, remove } = dataDirOf({ ...laptop.endpoints, apigateway: proxy.url });
    const { child, ended } = startTvm(['smoke', '--data-dir', dataDir]);
    stop = () => child.kill('SIGINT');
    const ran = await ended;
    remove();
    await proxy.close();
    expect(ran).toMatchObject({ status: 130, stderr: 'Stopped.\n' });
    expect(ran.stdout).toMatch(/^ok\tput a file.*\nok\tissue a link.*\nok\tclean up.*\n$/m);
    expect(await versions()).toEqual([]);
  });

  test('leaves nothing behind if the reader of its output exits', async () => {
    const { child, ended } = startTvm(['smoke', '--data-dir', laptop.dataDir]);
    const unread = expect(ended).rejects.toThrow('Premature close');
    child.stdout?.destroy();
    await Promise.all([unread, once(child, 'exit')]);
    expect(await versions()).toEqual([]);
  });
});
