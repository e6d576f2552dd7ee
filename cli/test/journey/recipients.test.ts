import { DeleteCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type InboxMail, readInbox } from '../../../laptop/src/inbox.ts';
import { eventually } from '../../../laptop/test/support/eventually.ts';
import { mailTo, tokenIn } from '../../../test/support/mail.ts';
import { Machine } from '../../../test/support/permissions/machine.ts';
import { runHere, runLive } from '../support/in-process.ts';
import { ListFolder } from '../support/recipient-list.ts';
import { startTvm } from '../support/tvm.ts';

const machine = new Machine({
  ...{ callerMailLimitPerDay: '1000000', programMailLimitPerDay: '1000000' },
  allowedRecipients: 'example.org',
});
const lists = new ListFolder();

beforeAll(() => machine.start());
afterAll(async () => {
  await machine.close();
  lists.remove();
});

/** Issues links to a list, and returns the status, the parsed report, and the messages. */
async function issue(asset: string, path: string, ...more: readonly string[]) {
  const args = ['issue', asset, '--to-list', path, '--yes', '--json', ...more];
  const ran = await runHere(['--data-dir', machine.dataDir, ...args]);
  return { ...ran, report: ran.stdout === '' ? undefined : JSON.parse(ran.stdout) };
}

/** Sends reminders to a list, and returns the parsed counts. */
async function remind(asset: string, path: string, ...more: readonly string[]) {
  const args = ['remind', asset, '--to-list', path, '--yes', '--json', ...more];
  const { stdout } = await runLive(['--data-dir', machine.dataDir, ...args]);
  return JSON.parse(stdout);
}

/** Offers a file, and writes a list for it. */
async function prepared(...rows: readonly string[]) {
  const asset = `${machine.fresh('list')}.pdf`;
  await machine.offer(asset);
  return { asset, path: lists.write(`${asset}.csv`, `email,name,note,language\n${rows.join('\n')}\n`) };
}

const mailed = (asset: string, path: string, count: number) =>
  eventually(
    () => issue(asset, path, '--report'),
    ({ report }) => report.mailed === count,
  );

const mailsAbout = async (asset: string): Promise<readonly InboxMail[]> =>
  (await readInbox(machine.endpoints.inbox)).filter(({ subject }) => subject.includes(asset));

/** Makes the e-mails for a file look as if they had been sent earlier. */
async function ageMails(asset: string, hours: number): Promise<void> {
  await machine.forgetCounts();
  const TableName = machine.endpoints.ledgerTable;
  const { Items = [] } = await machine.tables.send(new ScanCommand({ TableName }));
  for (const row of Items.filter((one) => one.asset === asset && one.event !== 'issued')) {
    const { tokenId, timeEvent, event } = row;
    const at = new Date(Date.parse(timeEvent.slice(0, timeEvent.indexOf('#'))) - hours * 3_600_000);
    await machine.tables.send(new DeleteCommand({ TableName, Key: { tokenId, timeEvent } }));
    const Item = { ...row, timeEvent: `${at.toISOString()}#${event}` };
    await machine.tables.send(new PutCommand({ TableName, Item }));
  }
}

describe('tvm issue --to-list', () => {
  test('mails everyone their own link, in their language and with their name and note', async () => {
    const { asset, path } = await prepared(
      'zoe@example.org,Zoë Ünlü,"Bitte „bis Freitag“, danke",de',
      'ann@example.org,,,',
      'luc@example.org,Luc,À bientôt,fr',
    );
    const { status, stdout, report } = await issue(asset, path);
    expect({ status, report }).toMatchObject({ status: 0, report: { recipients: 3, issued: 3, live: 3 } });
    expect(stdout).not.toMatch(/tvm_|Ünlü|Freitag/);
    await mailed(asset, path, 3);

    const mails = await mailsAbout(asset);
    expect(new Set(mails.map(tokenIn)).size).toBe(3);
    const bodyFor = (address: string) =>
      mails.find(({ destination }) => destination.to.includes(address))?.body.text ?? '';
    expect(bodyFor('zoe@example.org')).toMatch(
      /^Hier ist der Link[\s\S]*Guten Tag Zoë Ünlü,[\s\S]*Bitte „bis Freitag“, danke/,
    );
    expect(bodyFor('ann@example.org')).toMatch(/^Here is the link/);
    expect(bodyFor('luc@example.org')).toMatch(/Bonjour Luc,[\s\S]*À bientôt/);
  });

  test('mails only new recipients when it runs again', async () => {
    const { asset, path } = await prepared('new1@example.org', 'new2@example.org').then((one) => ({
      ...one,
      path: lists.write('again.csv', 'email\nnew1@example.org\nnew2@example.org\n'),
    }));
    await issue(asset, path);
    lists.write('again.csv', 'email\nNEW2+tag@example.org\nnew3@example.org\n');
    const { report } = await issue(asset, path);
    expect(report).toMatchObject({ recipients: 2, issued: 2, others: 1 });
    lists.write('again.csv', 'email\nnew1@example.org\nnew2@example.org\nnew3@example.org\n');
    await mailed(asset, path, 3);
    expect(await mailsAbout(asset)).toHaveLength(3);
  });

  test("issues one link to each recipient, even if two runs do not see each other's links", async () => {
    const addresses = Array.from({ length: 10 }, (_, at) => `both${at}@example.org,,,`);
    const { asset, path } = await prepared(...addresses);
    const run = () =>
      startTvm(['--data-dir', machine.dataDir, 'issue', asset, '--to-list', path, '--yes', '--rate', '20'])
        .ended;
    const ran = await Promise.all([run(), run()]);
    expect(ran.map(({ status }) => status)).toEqual([0, 0]);
    const { report } = await mailed(asset, path, 10);
    expect(report).toMatchObject({ issued: 10, others: 0 });
    expect(await mailsAbout(asset)).toHaveLength(10);
  });

  test('mails everyone again if the list is given another name', async () => {
    const { asset, path } = await prepared('twice@example.org,,,');
    await issue(asset, path);
    await issue(asset, path, '--list', 'second round');
    const { report } = await issue(asset, path, '--list', 'second round', '--report');
    expect(report).toMatchObject({ list: 'second round', issued: 1, others: 0 });
    await eventually(
      () => mailsAbout(asset),
      ({ length }) => length === 2,
    );
  });

  test('with --dry-run, prints what it would do, and sends nothing', async () => {
    const { asset, path } = await prepared('dry1@example.org,,,', 'dry2@example.org,,,');
    const { status, stderr, report } = await issue(asset, path, '--dry-run');
    expect({ status, report }).toMatchObject({
      status: 0,
      report: { recipients: 2, issued: 0, notIssued: 2 },
    });
    expect(stderr).toMatch(/^A run would mail 2 links, in about 1 second\.\n/);
    expect((await issue(asset, path, '--report')).report).toMatchObject({ issued: 0 });
  });

  test('sends nothing if the list contains an error, and names the line and column of the error', async () => {
    const { asset, path } = await prepared('good@example.org,,,', 'bad,=A1,,xx', 'GOOD+x@example.org,,,');
    const { status, stderr } = await issue(asset, path);
    expect(status).toBe(2);
    expect(stderr).toContain('line 3, email: ');
    expect(stderr).toContain('line 3, name: This is a formula.');
    expect(stderr).toContain('line 3, language: ');
    expect(stderr).toContain('line 4, email: This is the same mailbox as on line 2.');
    expect(stderr).toMatch(/ has 4 errors\. Nothing was sent\.\n/);
    expect(stderr).not.toMatch(/good|GOOD|=A1/);
    const listed = await runHere(['--data-dir', machine.dataDir, 'list', '--asset', asset, '--json']);
    expect(JSON.parse(listed.stdout)).toEqual([]);
  });

  test('continues after a recipient who is not allowed, names the line, and exits with 1', async () => {
    const { asset, path } = await prepared('in@example.org,,,', 'out@example.com,,,', 'also@example.org,,,');
    const { status, stderr, report } = await issue(asset, path);
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'line 3: recipient_not_allowed\n' });
    expect(report).toMatchObject({ recipients: 3, issued: 2, notIssued: 1 });
    expect(report.people[1]).toEqual({ line: 3, email: 'out@example.com', problem: 'recipient_not_allowed' });
  });

  test('stops at the daily mail quota, says when to run the command again, and issues the rest in the next run', async () => {
    const { asset, path } = await prepared('full1@example.org,,,', 'full2@example.org,,,');
    await machine.fill('program-mails');
    const stopped = await issue(asset, path);
    expect(stopped).toMatchObject({ status: 4, stdout: '' });
    expect(stopped.stderr).toMatch(
      /^Issued 0 of 2 links\. Run the command again for the rest\.\nerror: .*\(unavailable\)/,
    );
    expect(stopped.stderr).toMatch(
      /Run the command again in about 2\d hours\. Nothing is done twice\. See the deploy options .*\n$/,
    );
    await machine.forgetCounts();
    expect((await issue(asset, path)).report).toMatchObject({ issued: 2 });
  });

  test.each([
    [['--to', 'ann@example.org'], '--to cannot be combined with --to-list.'],
    [['--count', '2'], '--count cannot be combined with --to-list.'],
    [['--note', 'x'], '--note cannot be combined with --to-list.'],
    [['--open', 'direct'], '--to-list mails links with a button'],
  ])('rejects %j', async (options, message) => {
    const { status, stderr } = await issue('x.pdf', 'no-such-file.csv', ...options);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test('exits with 3 if the list or the offered file does not exist', async () => {
    expect(await issue('x.pdf', 'no-such-file.csv')).toMatchObject({ status: 3, stdout: '' });
    const { path } = await prepared('ann@example.org,,,');
    expect(await issue('no-such-file.pdf', path)).toMatchObject({ status: 3, stdout: '' });
  });
});

describe('tvm remind', () => {
  test('mails the same link again to recipients who have not redeemed it, at most once a day', async () => {
    const { asset, path } = await prepared('done@example.org,Done,,', 'slow@example.org,Slow,Bitte lesen,de');
    await issue(asset, path);
    await mailed(asset, path, 2);
    expect(await remind(asset, path)).toMatchObject({ recipients: 2, due: 0, tooEarly: 2, queued: 0 });

    const links = await mailsAbout(asset);
    const tokenFor = (address: string) =>
      links.filter(({ destination }) => destination.to.includes(address)).map(tokenIn);
    const [done = ''] = tokenFor('done@example.org');
    expect((await machine.post('/redeem', done)).status).toBe(200);
    await ageMails(asset, 25);
    const dry = await remind(asset, path, '--dry-run');
    expect(dry).toMatchObject({ recipients: 2, due: 1, ended: 1, queued: 0 });
    expect(await remind(asset, path, '--after', '3d')).toMatchObject({ due: 0, tooEarly: 1 });

    expect(await remind(asset, path)).toMatchObject({ due: 1, queued: 1 });
    // The second run sends no reminder, whether or not the first reminder has gone out yet.
    await remind(asset, path);
    const { report } = await eventually(
      () => issue(asset, path, '--report'),
      (one) => one.report.reminded === 1,
    );
    expect(report).toMatchObject({ issued: 2, mailed: 2, redeemed: 1, live: 1 });
    await eventually(
      () => remind(asset, path, '--dry-run'),
      ({ tooEarly }) => tooEarly === 1,
    );
    const mails = await mailsAbout(asset);
    expect(mails.map(({ destination }) => destination.to[0]).toSorted()).toEqual([
      'done@example.org',
      'slow@example.org',
      'slow@example.org',
    ]);
    const [first, second] = mails.filter(({ destination }) => destination.to.includes('slow@example.org'));
    expect(second && tokenIn(second)).toBe(first && tokenIn(first));
    expect(second?.subject).toContain('Erinnerung');
    expect(second?.body.text).toContain('Bitte lesen');
  });

  test('does not remind a person whose data was erased, and no table contains their data', async () => {
    const { asset, path } = await prepared('gone@example.org,Very Private,Secret words,');
    await issue(asset, path);
    await mailed(asset, path, 1);
    await mailTo(machine.endpoints.inbox, 'gone@example.org');
    await runHere(['--data-dir', machine.dataDir, 'forget', 'gone@example.org', '--yes']);
    const { tokenTable, ledgerTable, receiptTable, issueTable } = machine.endpoints;
    for (const TableName of [tokenTable, ledgerTable, receiptTable, issueTable]) {
      const { Items } = await machine.tables.send(new ScanCommand({ TableName }));
      expect(JSON.stringify(Items)).not.toMatch(/Very Private|Secret words|gone@/);
    }
    expect(await remind(asset, path)).toMatchObject({ notIssued: 1, due: 0 });
  });
});
