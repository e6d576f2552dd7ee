import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../../doctor/account.ts';
import { troubles, WELL } from '../../support/doctor-world.ts';

const sending = await WELL.sending();

describe('the mail checks', () => {
  test.each([
    ['problem: sending: off (SHUTDOWN)', { enforcement: 'SHUTDOWN' }],
    ['problem: sending: off (HEALTHY)', { enabled: false }],
    ['warning: sending: on, but under review (PROBATION)', { enforcement: 'PROBATION' }],
    ['warning: sandbox: only verified addresses get mail', { sandbox: true }],
    ['warning: sending quota: 40000 of 50000 e-mails sent in 24 hours', { sent: 40_000 }],
    ['warning: sending quota: 12 of 199 e-mails sent in 24 hours', { quota: 199 }],
  ])('report "%s" for the SES account', async (wanted, facts) => {
    expect(await troubles({ sending: async () => ({ ...sending, ...facts }) })).toEqual([wanted]);
  });

  test('pass without a sending quota', async () => {
    expect(await troubles({ sending: async () => ({ ...sending, quota: -1, sent: 1_000_000 }) })).toEqual([]);
  });

  const identity = { name: 'example.org', verified: true, dkim: 'SUCCESS', forwardsBounces: false };
  test.each([
    ['problem: sender: not verified', { verified: false }],
    ['warning: DKIM: the DNS records are not set yet', { dkim: 'PENDING' }],
    ['warning: DKIM: e-mails are not signed for the domain of the sender', { dkim: 'FAILED' }],
    [
      'problem: bounces: bounced e-mails, with their links, are forwarded to a mailbox (the domain)',
      { forwardsBounces: true },
    ],
  ])('report "%s" for the sender', async (wanted, facts) => {
    const known: Account['identity'] = async (name) =>
      name === 'example.org' ? { ...identity, ...facts } : undefined;
    expect(await troubles({ identity: known })).toEqual([wanted]);
  });

  test('accept a verified address, but warn if e-mails are not signed for its domain', async () => {
    const known: Account['identity'] = async (name) =>
      name === 'files@example.org' ? { ...identity, name, dkim: 'NOT_STARTED' } : undefined;
    expect(await troubles({ identity: known })).toEqual([
      'warning: DKIM: e-mails are not signed for the domain of the sender',
    ]);
  });

  test('report a sender that is unknown to SES', async () => {
    expect(await troubles({ identity: async () => undefined })).toContain(
      'problem: sender: neither the address nor its domain is an SES identity',
    );
  });
});
