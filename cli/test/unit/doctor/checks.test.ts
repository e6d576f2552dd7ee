import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../../doctor/account.ts';
import { localChecks } from '../../../doctor/local-checks.ts';
import { runChecks } from '../../../doctor/run-checks.ts';
import { DEPLOYMENT, findings, troubles, WELL } from '../../support/doctor-world.ts';

const stack = await WELL.stack();
const table = await WELL.table('ledger');

describe('tvm doctor', () => {
  test('runs every check, and all pass on a healthy deployment', async () => {
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
        'mail queue',
        'mail queue',
        'bounces queue',
        'bounces queue',
        'verdicts queue',
        'verdicts queue',
        'malware scan',
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
  ])('reports "%s"', async (wanted, account) => {
    expect(await troubles(account)).toEqual([wanted]);
  });

  test.each([
    ['problem: keys: the signing key is Disabled', { state: 'Disabled', spec: 'HMAC_256' }],
    [
      'problem: keys: the signing key is scheduled for deletion',
      { state: 'PendingDeletion', spec: 'HMAC_256' },
    ],
    [
      'problem: keys: the signing key has spec HMAC_512, not HMAC_256',
      { state: 'Enabled', spec: 'HMAC_512' },
    ],
  ])('reports "%s"', async (wanted, facts) => {
    expect(await troubles({ key: async (id) => (id === 'signing' ? facts : WELL.key(id)) })).toEqual([
      wanted,
    ]);
  });

  test.each([
    ['is CREATING', { status: 'CREATING' }],
    ['keeps rows forever: TTL is off', { ttl: 'DISABLED' }],
    ['cannot be restored: no point-in-time recovery', { backups: 'DISABLED' }],
    ['can be deleted: deletion protection is off', { protected: false }],
  ])('reports a table that %s', async (wanted, facts) => {
    const one: Account['table'] = async (name) => (name === 'ledger' ? { ...table, ...facts } : table);
    expect(await troubles({ table: one })).toEqual([`problem: tables: ledger ${wanted}`]);
  });

  test.each<[string, Partial<Account>]>([
    ['tables', { table: async () => ({ ...table, ttl: 'DISABLED', backups: 'DISABLED', protected: false }) }],
    ['bucket', { bucket: async () => ({ blocked: false, versioned: false, encryption: 'AES256' }) }],
    ['malware scan', { scanner: async () => ({ status: 'ACTIVE', tags: false, reasons: [] }) }],
    ['logs', { logGroup: async (name) => ({ name, retentionDays: undefined }) }],
    ['logs', { logGroup: async () => undefined }],
    ['access log', { apiLogRole: async () => undefined }],
  ])(
    'advises deploying with --revert-drift, because an ordinary deployment would change nothing: %s',
    async (check, account) => {
      const found = await findings(account);
      const advice = found.filter(({ mark }) => mark === 'problem').map((one) => [one.check, one.advice]);
      expect(new Set(advice.flat())).toContain(check);
      for (const [, text] of advice) expect(text).toContain('npx cdk deploy --revert-drift');
    },
  );

  test('requires neither backups nor deletion protection in stage dev', async () => {
    const account = {
      stack: async () => ({ ...stack, stage: 'dev' }),
      table: async () => ({ ...table, protected: false, backups: 'DISABLED' }),
    };
    expect(await troubles(account)).toEqual([]);
  });

  test.each([
    ['public access is not blocked', { blocked: false }],
    ['is not versioned, so links cannot be tied to one version', { versioned: false }],
    ['is not encrypted with the key of the stack (AES256)', { encryption: 'AES256' }],
  ])('reports a problem with the bucket: %s', async (wanted, facts) => {
    const bucket = { ...(await WELL.bucket('files')), ...facts };
    expect(await troubles({ bucket: async () => bucket })).toEqual([`problem: bucket: ${wanted}`]);
  });

  test("reports a malware scan that is broken or does not tag objects, and GuardDuty's failure notices", async () => {
    const scanner = async () => ({
      status: 'ERROR',
      tags: false,
      reasons: ['INSUFFICIENT_SCAN_PERMISSIONS'],
    });
    expect(await troubles({ scanner })).toEqual([
      'problem: malware scan: the plan is ERROR: INSUFFICIENT_SCAN_PERMISSIONS',
      'problem: malware scan: GuardDuty does not tag the objects that it scans',
    ]);
    const queue = async (url: string) => ({ messages: url.endsWith('scanner-notices') ? 2 : 0 });
    expect(await troubles({ queue })).toEqual(['warning: malware scan: 2 failure notices from GuardDuty']);
  });

  test('skips the malware scan of a stack that does not accept uploads', async () => {
    const resources = new Map([...stack.resources].filter(([type]) => !type.startsWith('AWS::GuardDuty')));
    expect(await troubles({ stack: async () => ({ ...stack, resources }) })).toEqual([
      'skipped: malware scan: this stack does not accept uploads',
    ]);
  });

  test('reports a backlog and messages in a dead-letter queue', async () => {
    const messages = { 'https://sqs/mail': 101, 'https://sqs/bounces-dead': 3 } as Record<string, number>;
    const found = await findings({ queue: async (url) => ({ messages: messages[url] ?? 0 }) });
    expect(found.filter(({ mark }) => mark !== 'ok')).toMatchObject([
      { mark: 'warning', check: 'mail queue', found: '101 waiting' },
      {
        mark: 'problem',
        check: 'bounces queue',
        found: '3 in the dead-letter queue',
        advice: expect.stringContaining('npx tvm redrive --queue bounces'),
      },
    ]);
  });

  test('reports an active alarm, and alarms that notify nobody', async () => {
    const alarms: Account['alarms'] = async () => [
      { name: 'late mail', state: 'ALARM', reason: 'over 300', notifies: false },
    ];
    expect(await troubles({ alarms })).toEqual([
      'problem: alarms: late mail is on: over 300',
      'warning: alarms: alarms notify nobody',
    ]);
  });

  test('reports failed notifications and undelivered events', async () => {
    const account: Partial<Account> = {
      failedActions: async ([alarm = '']) => [{ alarm, reason: 'Failed to execute action: no permission' }],
      lostEvents: async ([rule]) => (rule === 'bounces' ? 2 : 0),
    };
    expect(await troubles(account)).toEqual([
      'problem: notices: late mail could not notify anyone: Failed to execute action: no permission',
      'problem: notices: EventBridge failed to deliver 2 events in the last 14 days',
    ]);
  });

  test.each([
    ['10 functions can run at once', { limit: 10, unreserved: 10 }],
    ['99 functions can run at once, out of 1000', { limit: 1000, unreserved: 99 }],
  ])('warns about low concurrency: %s', async (wanted, facts) => {
    expect(await troubles({ concurrency: async () => facts })).toEqual([`warning: concurrency: ${wanted}`]);
  });

  test('reports log groups without retention, and missing log groups', async () => {
    expect(await troubles({ logGroup: async (name) => ({ name, retentionDays: undefined }) })).toEqual([
      'problem: logs: mint-log keeps logs forever',
    ]);
    expect(await troubles({ logGroup: async () => undefined })).toEqual([
      'problem: logs: mint-log does not exist',
    ]);
  });

  test('reports a missing role for the access log, unless the stack has no access log', async () => {
    const apiLogRole = async () => undefined;
    const unlogged = { ...stack, resources: new Map([...stack.resources, ['AWS::Logs::MetricFilter', []]]) };
    expect(await troubles({ apiLogRole })).toEqual([
      'problem: access log: API Gateway has no role for writing it, so RequestThrottleAlarm gets no data',
    ]);
    expect(await troubles({ apiLogRole, stack: async () => unlogged })).toEqual([
      'skipped: access log: apiLogRole is none',
    ]);
  });

  test('reports a function that cannot run', async () => {
    const down: Account['function'] = async (name) => ({
      ...(await WELL.function(name)),
      ...(name === 'mail' && { lastUpdate: 'Failed' }),
    });
    expect(await troubles({ function: down })).toEqual([
      'problem: functions: mail is Active, last update: Failed',
    ]);
  });

  test.each([
    ['problem: API: cannot be reached from here', undefined],
    ['problem: API: responds, but denies you access', { status: 403, code: 'access_denied' }],
    ['problem: API: returns 500 internal_error', { status: 500, code: 'internal_error' }],
  ])('reports "%s"', async (wanted, response) => {
    expect(await troubles({}, async () => response)).toEqual([wanted]);
  });

  test('reports a check that lacks permissions as a problem, and names the missing permissions', async () => {
    const denied = Object.assign(new Error('User: x is not authorized'), { name: 'AccessDeniedException' });
    const found = await findings({ alarms: () => Promise.reject(denied) });
    expect(found.find(({ check }) => check === 'alarms')).toEqual({
      check: 'alarms',
      mark: 'problem',
      found: 'could not check: AWS denied the request: User: x is not authorized',
      advice: 'You need cloudwatch:DescribeAlarms.',
    });
  });

  test('does not hide a bug in a check', async () => {
    await expect(
      findings({ bucket: () => Promise.reject(new TypeError('x is not a function')) }),
    ).rejects.toThrow('x is not a function');
  });

  test('gives advice with every warning and problem, and with no other finding', async () => {
    const account: Partial<Account> = {
      sending: async () => ({ sandbox: true, enabled: false, enforcement: 'SHUTDOWN', quota: 1, sent: 1 }),
      queue: async () => ({ messages: 500 }),
      table: async () => ({ status: 'DELETING', protected: false, ttl: 'DISABLED', backups: 'DISABLED' }),
    };
    for (const { mark, advice } of await findings(account)) {
      expect(advice !== undefined).toBe(mark === 'warning' || mark === 'problem');
    }
  });

  test('lists the checks that it skips in local mode', async () => {
    const account = { ...WELL, useKey: async () => undefined, headBucket: async () => undefined };
    const checks = localChecks(account, DEPLOYMENT, async () => ({ status: 200 }));
    const found = await runChecks(checks, new AbortController().signal);
    expect(found.filter(({ mark }) => mark === 'skipped').map(({ check }) => check)).toEqual([
      'stack',
      'SES account',
      'malware scan',
      'alarms',
      'logs',
      'protection',
    ]);
    expect(found.filter(({ mark }) => mark === 'problem' || mark === 'warning')).toEqual([]);
  });
});
