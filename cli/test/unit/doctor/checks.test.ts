import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../../doctor/account.ts';
import { laptopChecks } from '../../../doctor/laptop-checks.ts';
import { runChecks } from '../../../doctor/run-checks.ts';
import { DEPLOYMENT, findings, troubles, WELL } from '../../support/doctor-world.ts';

const stack = await WELL.stack();
const table = await WELL.table('ledger');

describe('the doctor', () => {
  test('finds nothing wrong with what is well, and looks at everything', async () => {
    expect(await findings()).toMatchObject(
      [
        'credentials',
        'clock',
        'stack',
        'API',
        'functions',
        'invokers',
        'concurrency',
        'keys',
        'tables',
        'bucket',
        'queue of mail',
        'queue of mail',
        'queue of bounces',
        'queue of bounces',
        'sending',
        'sandbox',
        'sending quota',
        'sender',
        'DKIM',
        'alarms',
        'notices',
        'logs',
        'access log',
      ].map((check) => ({ check, mark: 'ok' })),
    );
  });

  test.each<[string, Partial<Account>]>([
    ['problem: clock: 400 s behind AWS', { stack: async () => ({ ...stack, clockAheadSeconds: -400 }) }],
    [
      'problem: stack: UPDATE_ROLLBACK_FAILED, stage prod',
      { stack: async () => ({ ...stack, status: 'UPDATE_ROLLBACK_FAILED' }) },
    ],
    [
      'warning: stack: UPDATE_ROLLBACK_COMPLETE, stage prod',
      { stack: async () => ({ ...stack, status: 'UPDATE_ROLLBACK_COMPLETE' }) },
    ],
    [
      'warning: stack: UPDATE_IN_PROGRESS, stage prod',
      { stack: async () => ({ ...stack, status: 'UPDATE_IN_PROGRESS' }) },
    ],
  ])('says "%s"', async (wanted, account) => {
    expect(await troubles(account)).toEqual([wanted]);
  });

  test.each([
    ['problem: keys: the signing key is Disabled', { state: 'Disabled', spec: 'HMAC_256' }],
    ['problem: keys: the signing key is to be deleted', { state: 'PendingDeletion', spec: 'HMAC_256' }],
    [
      'problem: keys: the signing key is of spec HMAC_512, not HMAC_256',
      { state: 'Enabled', spec: 'HMAC_512' },
    ],
  ])('says "%s"', async (wanted, facts) => {
    expect(await troubles({ key: async (id) => (id === 'signing' ? facts : WELL.key(id)) })).toEqual([
      wanted,
    ]);
  });

  test.each([
    ['is CREATING', { status: 'CREATING' }],
    ['keeps rows for ever: TTL is off', { ttl: 'DISABLED' }],
    ['cannot be restored: no point-in-time recovery', { backups: 'DISABLED' }],
    ['may be deleted: deletion protection is off', { protected: false }],
  ])('says of a table that it %s', async (wanted, facts) => {
    const one: Account['table'] = async (name) => (name === 'ledger' ? { ...table, ...facts } : table);
    expect(await troubles({ table: one })).toEqual([`problem: tables: ledger ${wanted}`]);
  });

  test('wants neither backups nor protection of the stage dev', async () => {
    const account = {
      stack: async () => ({ ...stack, stage: 'dev' }),
      table: async () => ({ ...table, protected: false, backups: 'DISABLED' }),
    };
    expect(await troubles(account)).toEqual([]);
  });

  test.each([
    ['is not blocked for the public', { blocked: false }],
    ['keeps no versions: links cannot hold to one', { versioned: false }],
    ['is not encrypted with the key of the stack (AES256)', { encryption: 'AES256' }],
  ])('says of the bucket that it %s', async (wanted, facts) => {
    const bucket = { ...(await WELL.bucket('files')), ...facts };
    expect(await troubles({ bucket: async () => bucket })).toEqual([`problem: bucket: ${wanted}`]);
  });

  test('tells dead letters and a backlog by their queue', async () => {
    const messages = { 'https://sqs/mail': 101, 'https://sqs/bounces-dead': 3 } as Record<string, number>;
    const found = await findings({ queue: async (url) => ({ messages: messages[url] ?? 0 }) });
    expect(found.filter(({ mark }) => mark !== 'ok')).toMatchObject([
      { mark: 'warning', check: 'queue of mail', found: '101 waiting' },
      {
        mark: 'problem',
        check: 'queue of bounces',
        found: '3 dead letters',
        advice: expect.stringContaining('npx tvm redrive --queue bounces'),
      },
    ]);
  });

  test('tells an alarm that is on, and that nobody would be told', async () => {
    const alarms: Account['alarms'] = async () => [
      { name: 'late mail', state: 'ALARM', reason: 'over 300', tells: false },
    ];
    expect(await troubles({ alarms })).toEqual([
      'problem: alarms: late mail is on: over 300',
      'warning: alarms: nobody is told of them',
    ]);
  });

  test('reports alarms that could not notify anyone, and events that EventBridge failed to deliver', async () => {
    const account: Partial<Account> = {
      failedActions: async ([alarm = '']) => [{ alarm, reason: 'Failed to execute action: no right' }],
      lostEvents: async ([rule]) => (rule === 'bounces' ? 2 : 0),
    };
    expect(await troubles(account)).toEqual([
      'problem: notices: late mail could not notify anyone: Failed to execute action: no right',
      'problem: notices: EventBridge failed to deliver 2 events in 14 days',
    ]);
  });

  test.each([
    ['10 functions can run at once', { limit: 10, unreserved: 10 }],
    ['99 functions can run at once, out of 1000', { limit: 1000, unreserved: 99 }],
  ])('warns about low concurrency: %s', async (wanted, facts) => {
    expect(await troubles({ concurrency: async () => facts })).toEqual([`warning: concurrency: ${wanted}`]);
  });

  test('tells logs that are kept for ever, and those that are gone', async () => {
    expect(await troubles({ logGroup: async (name) => ({ name, retentionDays: undefined }) })).toEqual([
      'problem: logs: mint-log keeps logs for ever',
    ]);
    expect(await troubles({ logGroup: async () => undefined })).toEqual(['problem: logs: mint-log is gone']);
  });

  test('tells that API Gateway has no role for the access log, unless the stack has no such log', async () => {
    const apiLogRole = async () => undefined;
    const unlogged = { ...stack, resources: new Map([...stack.resources, ['AWS::Logs::MetricFilter', []]]) };
    expect(await troubles({ apiLogRole })).toEqual([
      'problem: access log: API Gateway has no role to write it with, and RequestThrottleAlarm sees nothing',
    ]);
    expect(await troubles({ apiLogRole, stack: async () => unlogged })).toEqual([
      'skipped: access log: apiLogRole is none',
    ]);
  });

  test('tells a function that cannot run', async () => {
    const down: Account['function'] = async (name) => ({
      ...(await WELL.function(name)),
      ...(name === 'mail' && { lastUpdate: 'Failed' }),
    });
    expect(await troubles({ function: down })).toEqual([
      'problem: functions: mail is Active, its last update Failed',
    ]);
  });

  test.each([
    ['problem: API: cannot be reached from here', undefined],
    ['problem: API: answers, but does not let you in', { status: 403, code: 'access_denied' }],
    ['problem: API: answers 500 internal_error', { status: 500, code: 'internal_error' }],
  ])('says "%s"', async (wanted, answer) => {
    expect(await troubles({}, async () => answer)).toEqual([wanted]);
  });

  test('takes what it may not look at for a problem, and says which right it takes', async () => {
    const denied = Object.assign(new Error('User: x is not authorized'), { name: 'AccessDeniedException' });
    const found = await findings({ alarms: () => Promise.reject(denied) });
    expect(found.find(({ check }) => check === 'alarms')).toEqual({
      check: 'alarms',
      mark: 'problem',
      found: 'could not look: AWS does not allow this: User: x is not authorized',
      advice: 'It takes cloudwatch:DescribeAlarms.',
    });
  });

  test('hides no defect of its own', async () => {
    await expect(
      findings({ bucket: () => Promise.reject(new TypeError('undefined is no function')) }),
    ).rejects.toThrow('undefined is no function');
  });

  test('gives advice with everything that is not well, and with nothing else', async () => {
    const account: Partial<Account> = {
      sending: async () => ({ sandbox: true, enabled: false, enforcement: 'SHUTDOWN', quota: 1, sent: 1 }),
      queue: async () => ({ messages: 500 }),
      table: async () => ({ status: 'DELETING', protected: false, ttl: 'DISABLED', backups: 'DISABLED' }),
    };
    for (const { mark, advice } of await findings(account)) {
      expect(advice !== undefined).toBe(mark === 'warning' || mark === 'problem');
    }
  });

  test('says on the laptop what it skips', async () => {
    const account = { ...WELL, useKey: async () => undefined, headBucket: async () => undefined };
    const checks = laptopChecks(account, DEPLOYMENT, async () => ({ status: 200 }));
    const found = await runChecks(checks, new AbortController().signal);
    expect(found.filter(({ mark }) => mark === 'skipped').map(({ check }) => check)).toEqual([
      'stack',
      'SES account',
      'alarms',
      'logs',
      'protection',
    ]);
    expect(found.filter(({ mark }) => mark === 'problem' || mark === 'warning')).toEqual([]);
  });
});
