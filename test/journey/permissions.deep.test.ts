import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Machine } from '../support/permissions/machine.ts';
import {
  type Call,
  covers,
  label,
  type Permission,
  permissionsIn,
} from '../support/permissions/permission.ts';
import { type Journey, type Step, stepsOf } from '../support/permissions/steps.ts';

/*
 * Promise 8, for permissions: the template grants exactly the permissions that the functions need. The whole journey
 * passes with the roles of the template. If any one permission is removed, the journey fails, and the error names the
 * function and the denied call. The exceptions are listed below.
 */

/**
 * The functions in the order of their tests. The order matters: each function must first run without permission to
 * use its keys, because it caches the keys that it fetches.
 */
const FUNCTIONS = [
  ...(['mint', 'links', 'pages', 'redeem', 'stream', 'mail', 'bounces', 'renewals'] as const),
  ...(['uploads', 'finalize', 'objects', 'verdicts', 'sweep', 'reviews'] as const),
  ...(['invites', 'receive', 'submit', 'outcomes', 'events', 'challenges', 'watermark'] as const),
  ...(['collection', 'zip'] as const),
];

const TABLE_KEY = [
  ...['kms:DescribeKey on key/DATA via dynamodb', 'kms:Encrypt on key/DATA via dynamodb'],
  ...['kms:GenerateDataKey on key/DATA via dynamodb', 'kms:ReEncryptFrom on key/DATA via dynamodb'],
  'kms:ReEncryptTo on key/DATA via dynamodb',
];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];

/** Granted permissions that the functions never use here, grouped by the reason for granting them. */
const NEVER_CALLED: Readonly<Record<string, readonly string[]>> = {
  'DynamoDB requires them for a table with a customer managed key, although items need only Decrypt':
    TABLE_KEY,
  'Lambda needs them to write the log, which is a file in local mode': LOG,
  'Lambda needs them to send traces, which local mode does not have': [
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ],
  'an interrupted read resumes with its version, and no read is interrupted here': [
    's3:GetObjectVersion on filebucket/gated/*',
    's3:GetObjectVersion on filebucket/private/*',
    's3:GetObjectVersion on filebucket/uploads/*',
  ],
  'Lambda needs it to map the queue and to scale the pollers': ['sqs:GetQueueAttributes'],
  'Lambda needs them to read streams, and local mode needs them only when it starts': [
    ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((name) => `dynamodb:${name}`),
  ],
  'Lambda needs them to report records that it gives up on, and it gives up on none here': [
    'sqs:SendMessage on EventFailureQueue',
    'kms:GenerateDataKey on key/DATA via sqs',
    'kms:Decrypt on key/DATA via sqs',
  ],
};

/** Denials that the functions survive by design, grouped by the reason. */
const TOLERATED: Readonly<Record<string, readonly string[]>> = {
  'the receipt has decided the outcome, and the failure is reported': [
    'bounces dynamodb:DeleteItem on table/TokenTable',
    'links dynamodb:DeleteItem on table/TokenTable',
    'redeem dynamodb:DeleteItem on table/TokenTable',
    'stream dynamodb:DeleteItem on table/TokenTable',
    'zip dynamodb:DeleteItem on table/TokenTable',
    'watermark dynamodb:DeleteItem on table/TokenTable',
  ],
  'the file is delivered, and the missing notice is reported': [
    'redeem',
    'stream',
    'watermark',
    'zip',
  ].flatMap((name) => [
    `${name} sqs:SendMessage on MailQueue`,
    `${name} kms:GenerateDataKey on key/DATA via sqs`,
    `${name} kms:Decrypt on key/DATA via sqs`,
  ]),
  'the links are issued, and a repeated request issues the same links again': [
    'links dynamodb:UpdateItem on table/IssueTable',
  ],
  'a missing ledger entry is reported, but nothing fails': [
    'redeem dynamodb:PutItem on table/LedgerTable',
    'stream dynamodb:PutItem on table/LedgerTable',
    'watermark dynamodb:PutItem on table/LedgerTable',
    'zip dynamodb:PutItem on table/LedgerTable',
    'mail dynamodb:PutItem on table/LedgerTable',
    'links dynamodb:PutItem on table/LedgerTable',
  ],
  'the poller retries, and the message waits in its queue': [
    'mail sqs:ReceiveMessage on MailQueue',
    'mail kms:Decrypt on key/DATA via sqs',
    'bounces sqs:ReceiveMessage on BounceQueue',
    'bounces kms:Decrypt on key/NOTICE via sqs',
    'verdicts sqs:ReceiveMessage on VerdictQueue',
    'verdicts kms:Decrypt on key/NOTICE via sqs',
  ],
  'the work is done, and the message has no effect when it is delivered again': [
    'mail sqs:DeleteMessage on MailQueue',
    'bounces sqs:DeleteMessage on BounceQueue',
    'verdicts sqs:DeleteMessage on VerdictQueue',
  ],
  'the upload has ended, and its slot becomes free at the end of the session': [
    'finalize dynamodb:UpdateItem on table/QuotaTable',
    'reviews dynamodb:UpdateItem on table/QuotaTable',
    'sweep dynamodb:UpdateItem on table/QuotaTable',
    'verdicts dynamodb:UpdateItem on table/QuotaTable',
  ],
};

// No scanner runs: the steps send the verdicts and set the tags.
const OPTIONS = {
  events: 'true',
  proofOfWork: 'auto',
  watermarks: 'on',
  presenceCode: 'on',
  collections: 'on',
};
const machine = new Machine(OPTIONS, () => 'never');
const { police } = machine;
let journey: Journey;
/** The calls of each step, by function. */
const called = new Map<string, Call[][]>();

// Starts at the top level, because the template determines the list of tests.
await machine.start();
beforeAll(async () => {
  journey = await stepsOf(machine);
});
afterEach(() => police.restore());
afterAll(() => machine.close());

/** Returns the label of a permission, without generated names. */
function named(permission: Permission): string {
  const keyOf = (functionName: string, service: string) =>
    permissionsOf(functionName).find(({ via }) => via === service)?.resource ?? '';
  const resource = permission.resource
    .replace(keyOf('mint', 'dynamodb'), 'a:b:c:d:e:key/DATA')
    .replace(keyOf('bounces', 'sqs'), 'a:b:c:d:e:key/NOTICE');
  return label({ ...permission, resource });
}

const permissionsOf = (name: string): readonly Permission[] =>
  permissionsIn(police.policies).filter(({ functionName }) => functionName === name);

/** The outcome of a step without some permissions, and the first missing permission that caused a denial. */
interface Ended {
  readonly ended: 'failed' | 'went on' | 'not denied';
  readonly missed?: Permission;
}

/** Runs a step of a function without some permissions, and waits until each of its calls is allowed or denied. */
async function without(permissions: readonly Permission[], step: Step): Promise<Ended> {
  let missed: Permission | undefined;
  const isMissed = (call: Call): boolean => {
    missed ??= permissions.find((permission) => covers(permission, call));
    return missed !== undefined;
  };
  police.remove(permissions);
  police
    .nextDenial(({ call }) => isMissed(call))
    .then(({ request }) => {
      // The message waits in the queue, and the poller retries, until the permission is restored.
      if (request.action === 'sqs:ReceiveMessage') police.restore();
    });
  const ended = await step().then(
    () => 'went on' as const,
    () => 'failed' as const,
  );
  for (const { functionName } of permissions) await machine.local.idle(functionName);
  await police.quiet();
  police.restore();
  return missed === undefined ? { ended: 'not denied' } : { ended, missed };
}

test('FUNCTIONS lists every function of the template', () => {
  expect([...police.policies.functions.keys()].toSorted()).toEqual(FUNCTIONS.toSorted());
});

describe('a function that has not fetched a key yet:', () => {
  test.each(FUNCTIONS)('%s fails without permission to use one of its MAC keys', async (name) => {
    const [step] = journey.steps[name] ?? [];
    if (step === undefined) throw new Error('no step');
    await journey.before[name]?.();
    let permissions = permissionsOf(name).filter(({ action }) => action === 'kms:GenerateMac');
    while (permissions.length > 0) {
      // Restores one key at a time, in the order in which the function fetches them. It fetches each key only once.
      const { ended, missed } = await without(permissions, step);
      expect([permissions.map(named), ended]).toEqual([permissions.map(named), 'failed']);
      permissions = permissions.filter((permission) => permission !== missed);
    }
  });
});

describe('with the roles of the template,', () => {
  test.each(FUNCTIONS)('%s can do all of its work', async (name) => {
    const byStep: Call[][] = [];
    for (const step of journey.steps[name] ?? []) {
      police.calls.length = 0;
      await step();
      byStep.push(police.calls.filter(({ functionName }) => functionName === name));
    }
    called.set(name, byStep);
    expect(byStep.length).toBeGreaterThan(0);
  });

  test('no call is denied', () => {
    const before = machine.said.filter((line) => !line.includes('kms:GenerateMac'));
    expect(before).toEqual([]);
  });
});

describe('without one permission,', () => {
  const idle: string[] = [];
  const tolerated: string[] = [];

  const permissions = FUNCTIONS.flatMap(permissionsOf).filter(({ action }) => action !== 'kms:GenerateMac');

  test.each(
    permissions.map((permission) => [permission.functionName, named(permission), permission] as const),
  )('%s is denied a call if it lacks %s', async (name, label, permission) => {
    const byStep = called.get(name) ?? [];
    // Calls that another permission also allows do not count.
    const needs = (call: Call) =>
      covers(permission, call) &&
      !permissionsOf(name).some((other) => other.statement !== permission.statement && covers(other, call));
    const steps = byStep.flatMap((calls, at) => (calls.some(needs) ? (journey.steps[name]?.[at] ?? []) : []));
    if (steps.length === 0) {
      idle.push(`${name} ${label}`);
      return;
    }
    // Some steps make the call only sometimes, but at least one step always makes it.
    let ended: Ended['ended'] = 'not denied';
    for (const run of steps) {
      // First, the step must succeed with the permission. If the step then fails without it, the missing permission is
      // the cause.
      await run();
      ({ ended } = await without([permission], run));
      if (ended !== 'not denied') break;
    }
    expect(ended).not.toBe('not denied');
    if (ended === 'went on') tolerated.push(`${name} ${label}`);
  });

  test('every permission is used, or there is a reason for granting it', () => {
    const excused = Object.values(NEVER_CALLED).flat();
    const isExcused = (permission: string) =>
      excused.find((each) => {
        const [, called = ''] = /^\w+ (.*)/.exec(permission) ?? [];
        return called === each || called.startsWith(`${each} `);
      });
    expect(idle.filter((permission) => isExcused(permission) === undefined)).toEqual([]);
    // Each reason must still be needed.
    expect(new Set(idle.map(isExcused))).toEqual(new Set(excused));
  });

  test('there is a reason for every denial that a function survives', () => {
    expect(tolerated.toSorted()).toEqual(Object.values(TOLERATED).flat().toSorted());
  });

  test('the terminal shows each denial once, and the log shows it every time', () => {
    const log = readFileSync(join(machine.dataDir, 'logs', 'denied.log'), 'utf8');
    const line =
      /AccessDenied: mint cannot call sqs:SendMessage on arn:aws:sqs:us-east-1:000000000000:\S+MailQueue, because no identity-based policy allows the sqs:SendMessage action/;
    expect(machine.said.filter((said) => line.test(said))).toHaveLength(1);
    expect(log).toMatch(line);
    expect(log).not.toContain('@example.org');
  });
});
