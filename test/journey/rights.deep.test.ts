import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Machine } from '../support/rights/machine.ts';
import { type Call, covers, label, type Right, rightsIn } from '../support/rights/right.ts';
import { type Journey, type Step, stepsOf } from '../support/rights/steps.ts';

/*
 * Promise 8, for rights: the template grants what the functions need and nothing else. With the roles as they are the
 * whole journey passes; with any one right taken away it fails, and says who may not do what.
 */

/** In this order: each function is called for the first time without a key that it keeps from then on. */
const FUNCTIONS = ['mint', 'links', 'pages', 'redeem', 'stream', 'mail', 'bounces', 'renewals'] as const;

const TABLE_KEY = [
  ...['kms:DescribeKey on key/DATA via dynamodb', 'kms:Encrypt on key/DATA via dynamodb'],
  ...['kms:GenerateDataKey on key/DATA via dynamodb', 'kms:ReEncryptFrom on key/DATA via dynamodb'],
  'kms:ReEncryptTo on key/DATA via dynamodb',
];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];

/** Granted, and never called by the function: each with its reason. */
const NEVER_CALLED: Readonly<Record<string, readonly string[]>> = {
  'the least that DynamoDB asks of a principal for a table under a customer key; items need Decrypt alone':
    TABLE_KEY,
  'Lambda writes the log with them; on the laptop it is a file': LOG,
  'Lambda sends the traces with them, which a laptop does not have': [
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ],
  'a reading that broke off is taken up by the version that was begun, which a laptop does not break off': [
    's3:GetObjectVersion on filebucket/gated/*',
    's3:GetObjectVersion on filebucket/private/*',
  ],
  'Lambda asks it when the queue is mapped, and to scale its pollers': ['sqs:GetQueueAttributes'],
};

/** The function is denied these and goes on by design: each with its reason. */
const TOLERATED: Readonly<Record<string, readonly string[]>> = {
  'the receipt has decided; what is left undone is reported': [
    'bounces dynamodb:DeleteItem on table/TokenTable',
    'links dynamodb:DeleteItem on table/TokenTable',
    'redeem dynamodb:DeleteItem on table/TokenTable',
    'stream dynamodb:DeleteItem on table/TokenTable',
  ],
  'the file is handed over, and its issuer is not told; it is reported': ['redeem', 'stream'].flatMap(
    (name) => [
      `${name} sqs:SendMessage on MailQueue`,
      `${name} kms:GenerateDataKey on key/DATA via sqs`,
      `${name} kms:Decrypt on key/DATA via sqs`,
    ],
  ),
  'the links are issued; a repetition issues the same ones again': [
    'links dynamodb:UpdateItem on table/IssueTable',
  ],
  'a line of history that is missing fails nothing; it is reported': [
    'redeem dynamodb:PutItem on table/LedgerTable',
    'stream dynamodb:PutItem on table/LedgerTable',
    'mail dynamodb:PutItem on table/LedgerTable',
    'links dynamodb:PutItem on table/LedgerTable',
  ],
  'the poller asks again, and the message waits in its queue until it may': [
    'mail sqs:ReceiveMessage on MailQueue',
    'mail kms:Decrypt on key/DATA via sqs',
    'bounces sqs:ReceiveMessage on BounceQueue',
    'bounces kms:Decrypt on key/NOTICE via sqs',
  ],
  'its work is done; the message comes again and finds nothing to do': [
    'mail sqs:DeleteMessage on MailQueue',
    'bounces sqs:DeleteMessage on BounceQueue',
  ],
};

const machine = new Machine();
const { police } = machine;
let journey: Journey;
/** By function, the calls of each of its steps. */
const called = new Map<string, Call[][]>();

// Before the tests, since the template says which there are.
await machine.start();
beforeAll(async () => {
  journey = await stepsOf(machine);
});
afterEach(() => police.restore());
afterAll(() => machine.close());

/** A right in words that do not change with the template's made-up names. */
function named(right: Right): string {
  const keyOf = (functionName: string, service: string) =>
    rightsOf(functionName).find(({ via }) => via === service)?.resource ?? '';
  const resource = right.resource
    .replace(keyOf('mint', 'dynamodb'), 'a:b:c:d:e:key/DATA')
    .replace(keyOf('bounces', 'sqs'), 'a:b:c:d:e:key/NOTICE');
  return label({ ...right, resource });
}

const rightsOf = (name: string): readonly Right[] =>
  rightsIn(police.policies).filter(({ functionName }) => functionName === name);

/** How a step ended without some rights, and the first of them that was missed. */
interface Ended {
  readonly ended: 'failed' | 'went on' | 'not denied';
  readonly missed?: Right;
}

/** Runs a step of a function without some rights, until it has ended and everything is decided that it asked for. */
async function without(rights: readonly Right[], step: Step): Promise<Ended> {
  let missed: Right | undefined;
  const isMissed = (call: Call): boolean => {
    missed ??= rights.find((right) => covers(right, call));
    return missed !== undefined;
  };
  police.remove(rights);
  police
    .nextDenial(({ call }) => isMissed(call))
    .then(({ request }) => {
      // Its poller asks again, and its message waits until it may have it.
      if (request.action === 'sqs:ReceiveMessage') police.restore();
    });
  const ended = await step().then(
    () => 'went on' as const,
    () => 'failed' as const,
  );
  for (const { functionName } of rights) await machine.local.idle(functionName);
  await police.quiet();
  police.restore();
  return missed === undefined ? { ended: 'not denied' } : { ended, missed };
}

test('every function of the template is here', () => {
  expect([...police.policies.functions.keys()].toSorted()).toEqual(FUNCTIONS.toSorted());
});

describe('a function that has not yet asked for a key', () => {
  test.each(FUNCTIONS)('%s fails without the right to any of its MAC keys', async (name) => {
    const [step] = journey.steps[name] ?? [];
    if (step === undefined) throw new Error('no step');
    await journey.before[name]?.();
    let rights = rightsOf(name).filter(({ action }) => action === 'kms:GenerateMac');
    while (rights.length > 0) {
      // One after the other as the function asks for them: one that was fetched would not be asked for again.
      const { ended, missed } = await without(rights, step);
      expect([rights.map(named), ended]).toEqual([rights.map(named), 'failed']);
      rights = rights.filter((right) => right !== missed);
    }
  });
});

describe('with the roles of the template', () => {
  test.each(FUNCTIONS)('%s does all its work', async (name) => {
    const byStep: Call[][] = [];
    for (const step of journey.steps[name] ?? []) {
      police.calls.length = 0;
      await step();
      byStep.push(police.calls.filter(({ functionName }) => functionName === name));
    }
    called.set(name, byStep);
    expect(byStep.length).toBeGreaterThan(0);
  });

  test('nobody was denied anything', () => {
    const before = machine.said.filter((line) => !line.includes('kms:GenerateMac'));
    expect(before).toEqual([]);
  });
});

describe('without one right', () => {
  const idle: string[] = [];
  const tolerated: string[] = [];

  const rights = FUNCTIONS.flatMap(rightsOf).filter(({ action }) => action !== 'kms:GenerateMac');

  test.each(rights.map((right) => [right.functionName, named(right), right] as const))(
    '%s is denied the call once it lacks %s',
    async (name, label, right) => {
      const byStep = called.get(name) ?? [];
      // What another right of the function allows as well is no call for this one.
      const needs = (call: Call) =>
        covers(right, call) &&
        !rightsOf(name).some((other) => other.statement !== right.statement && covers(other, call));
      const step = byStep.findIndex((calls) => calls.some(needs));
      const run = journey.steps[name]?.[step];
      if (run === undefined) {
        idle.push(label);
        return;
      }
      // It works while the right is there, so that the right alone makes the difference.
      await run();
      const { ended } = await without([right], run);
      expect(ended).not.toBe('not denied');
      if (ended === 'went on') tolerated.push(`${name} ${label}`);
    },
  );

  test('nothing is granted that is never called, but what has its reason', () => {
    const excused = Object.values(NEVER_CALLED).flat();
    const isExcused = (right: string) =>
      excused.find((each) => right === each || right.startsWith(`${each} `));
    expect(idle.filter((right) => isExcused(right) === undefined)).toEqual([]);
    // And no excuse is stale.
    expect(new Set(idle.map(isExcused))).toEqual(new Set(excused));
  });

  test('only what can wait is tolerated, each for its reason', () => {
    expect(tolerated.toSorted()).toEqual(Object.values(TOLERATED).flat().toSorted());
  });

  test('the terminal and the log say who may not do what, once and every time', () => {
    const log = readFileSync(join(machine.dataDir, 'logs', 'denied.log'), 'utf8');
    const line =
      /AccessDenied: mint may not sqs:SendMessage on arn:aws:sqs:us-east-1:000000000000:\S+MailQueue, because no identity-based policy allows the sqs:SendMessage action/;
    expect(machine.said.filter((said) => line.test(said))).toHaveLength(1);
    expect(log).toMatch(line);
    expect(log).not.toContain('@example.org');
  });
});
