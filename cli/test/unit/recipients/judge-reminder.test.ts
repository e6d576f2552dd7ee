import { expect, test } from '@jest/globals';
import type { Link } from '../../../links/link.ts';
import { judgeReminder } from '../../../recipients/remind-list.ts';
import { sumsOf } from '../../../recipients/report.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const DAY = 86_400;
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000).toISOString();

function link(state: Link['state'], mail: string, age: number, remindedAge?: number): Link {
  return {
    tokenId: 'a'.repeat(32),
    asset: 'report.pdf',
    fileName: 'report.pdf',
    size: 1,
    state,
    issuedAt: ago(age),
    expiresAt: ago(-DAY),
    issuedBy: 'arn:aws:iam::111122223333:role/reports',
    open: 'confirm',
    delivery: 'redirect',
    mail: { state: mail, at: ago(age), ...(remindedAge !== undefined && { remindedAt: ago(remindedAge) }) },
  };
}

test.each<[string, Link | undefined, number, string]>([
  ['mailed a day ago', link('live', 'mailed', DAY), DAY, 'due'],
  ['mailed less than a day ago', link('live', 'mailed', DAY - 1), DAY, 'tooEarly'],
  ['mailed a day ago, if the limit is three days', link('live', 'mailed', DAY), 3 * DAY, 'tooEarly'],
  ['whose recipient was reminded today', link('live', 'mailed', 5 * DAY, 60), DAY, 'tooEarly'],
  ['whose recipient was reminded yesterday', link('live', 'mailed', 5 * DAY, DAY), DAY, 'due'],
  ['whose recipient had a full mailbox', link('live', 'bounced', 2 * DAY), DAY, 'due'],
  ['that is still queued', link('live', 'queued', 60), DAY, 'tooEarly'],
  ['whose e-mail was lost', link('live', 'queued', 3600), DAY, 'due'],
  ['whose e-mail failed', link('live', 'failed', 2 * DAY), DAY, 'unwanted'],
  ['whose recipient complained', link('live', 'complained', 2 * DAY), DAY, 'unwanted'],
  ['that was redeemed', link('redeemed', 'mailed', 2 * DAY), DAY, 'ended'],
  ['that was revoked', link('revoked', 'mailed', 2 * DAY), DAY, 'ended'],
  ['that has expired', link('expired', 'mailed', 2 * DAY), DAY, 'ended'],
  ['that does not exist', undefined, DAY, 'notIssued'],
])('judgeReminder decides whether to remind the recipient of a link %s', (_what, given, after, verdict) => {
  expect(judgeReminder(given, NOW, after)).toBe(verdict);
});

test('the totals of a report add up for every state of links and e-mails', () => {
  const states = ['live', 'redeemed', 'revoked', 'expired'] as const;
  const mails = ['queued', 'mailed', 'failed', 'bounced', 'complained'];
  const standings = [
    undefined,
    ...states.flatMap((state) =>
      mails.map((mail) => link(state, mail, DAY, mail === 'mailed' ? 1 : undefined)),
    ),
  ].map((one) => ({
    recipient: { line: 2, email: 'ann@example.org' as never, mailbox: 'ann@example.org' },
    ...(one && { link: one }),
  }));
  const sums = sumsOf(standings);
  expect(sums).toMatchObject({ recipients: 21, issued: 20, notIssued: 1, reminded: 4 });
  expect(sums.mailed + sums.waiting + sums.failed + sums.bounced + sums.complained).toBe(sums.issued);
  expect(sums.live + sums.redeemed + sums.revoked + sums.expired).toBe(sums.issued);
});
