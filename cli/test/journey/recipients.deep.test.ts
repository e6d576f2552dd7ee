import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type InboxMail, readInbox } from '../../../laptop/src/inbox.ts';
import { eventually } from '../../../laptop/test/support/eventually.ts';
import { tokenIn } from '../../../test/support/mail.ts';
import { Machine } from '../../../test/support/permissions/machine.ts';
import { ListFolder } from '../support/recipient-list.ts';
import { type Running, startTvm } from '../support/tvm.ts';

/** The length of the list, by default several pages. `TVM_RECIPIENTS=10000` tests the longest list that tvm accepts. */
const RECIPIENTS = Number(process.env.TVM_RECIPIENTS ?? 300);

const limits = { callerMailLimitPerDay: '1000000', programMailLimitPerDay: '1000000' };
const machine = new Machine(limits);
const lists = new ListFolder();
const addresses = Array.from({ length: RECIPIENTS }, (_, at) => `person${at}@example.org`);
const path = lists.write(
  'recipients.csv',
  `email,name\n${addresses.map((address, at) => `${address},Person ${at}`).join('\n')}\n`,
);

beforeAll(async () => {
  await machine.start();
  await machine.offer('report.pdf');
});
afterAll(async () => {
  await machine.close();
  lists.remove();
});

const start = (...more: readonly string[]): Running =>
  startTvm([
    ...['--data-dir', machine.dataDir, 'issue', 'report.pdf', '--to-list', path],
    ...['--yes', '--json', ...more],
  ]);

const queued = (): number =>
  machine.police.calls.filter(
    ({ functionName, action }) => functionName === 'links' && action === 'sqs:SendMessage',
  ).length;

/** Starts a run, and kills it once all runs together have queued this many e-mails. */
async function killAt(count: number): Promise<void> {
  const { child } = start();
  while (queued() < count) await machine.police.nextCall('links', 'sqs:SendMessage');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const recipientsOf = (mails: readonly InboxMail[]) => mails.flatMap(({ destination }) => destination.to);

test('a third run finishes a list after two runs were killed, and everyone gets one link and one e-mail', async () => {
  await killAt(RECIPIENTS * 0.3);
  await killAt(RECIPIENTS * 0.7);
  expect(await start().ended).toMatchObject({ status: 0 });
  const report = await eventually(
    async () => JSON.parse((await start('--report').ended).stdout) as Record<string, number>,
    ({ mailed }) => mailed === RECIPIENTS,
  );

  expect(report).toMatchObject({
    ...{ recipients: RECIPIENTS, issued: RECIPIENTS, notIssued: 0, others: 0 },
    ...{ mailed: RECIPIENTS, waiting: 0, failed: 0, bounced: 0, complained: 0 },
    ...{ live: RECIPIENTS, redeemed: 0, revoked: 0, expired: 0 },
  });
  const mails = await readInbox(machine.endpoints.inbox);
  expect(recipientsOf(mails).toSorted()).toEqual(addresses.toSorted());
  expect(new Set(mails.map(tokenIn)).size).toBe(RECIPIENTS);
  expect(queued()).toBe(RECIPIENTS);
});
