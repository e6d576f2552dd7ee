import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defineFunctions } from '../src/functions/define-functions.ts';
import { type RunningFunctions, runFunctions } from '../src/functions/run-functions.ts';
import { openStackModel } from '../src/template/stack-model.ts';
import { parseTemplate } from '../src/template/template.ts';
import { holdTimers } from './support/held-timers.ts';

const ARN = 'arn:aws:lambda:us-east-1:111122223333:function:Small-Work';
const LINKED = { API: { Ref: 'AWS::StackName' }, PUBLIC_ORIGIN: 'https://on.aws/v1' };

let dir: string;
let running: RunningFunctions | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'functions-'));
});
afterEach(async () => {
  await running?.close();
  rmSync(dir, { recursive: true });
});

/** Runs a function named `work` whose bundle has this source. */
function run(source: string, properties: object = {}): RunningFunctions {
  mkdirSync(join(dir, 'asset.1'), { recursive: true });
  writeFileSync(join(dir, 'asset.1', 'index.mjs'), source);
  const template = parseTemplate({
    Resources: {
      Work: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          MemorySize: 256,
          Environment: { Variables: { ...LINKED, SERVICE_NAME: 'work' } },
          ...properties,
        },
        Metadata: { 'aws:asset:path': 'asset.1' },
      },
    },
  });
  const place = { region: 'us-east-1', accountId: '111122223333', stackName: 'Small', queueUrl: () => '' };
  const url = 'http://127.0.0.1:1';
  const defined = defineFunctions(openStackModel(template, place), new Set([ARN]), {
    assemblyDir: dir,
    logDir: join(dir, 'logs'),
    homeDir: join(dir, 'home'),
    endpoints: {
      DYNAMODB: url,
      S3: url,
      SQS: url,
      SES: url,
      KMS: url,
      GUARDDUTY: url,
    },
    nameVariable: 'SERVICE_NAME',
    substituted: { PUBLIC_ORIGIN: 'http://127.0.0.1:8787/v1', FILES_ORIGIN: 'http://127.0.0.1:8788' },
    accessKeyOf: (name) => ({ accessKeyId: `ASIA-${name}`, secretAccessKey: 's', sessionToken: 't' }),
  });
  running = runFunctions(defined);
  return running;
}

const invoke = async (functions: RunningFunctions, event: unknown = {}): Promise<unknown> => {
  const outcome = await functions.invoke('work', event);
  return outcome.kind === 'answered' ? JSON.parse(outcome.payload) : outcome;
};
const failed = (errorType: string, errorMessage: unknown = expect.anything()) => ({
  kind: 'failed',
  error: expect.objectContaining({ errorType, errorMessage }),
});
const log = (): string => readFileSync(join(dir, 'logs', 'work.log'), 'utf8');

describe('instances', () => {
  const COUNTING = 'let events = 0; export const handler = async () => (events += 1);';

  test('an instance is initialized for its first event and reused for the next one', async () => {
    const functions = run(COUNTING);
    expect([await invoke(functions), await invoke(functions), await invoke(functions)]).toEqual([1, 2, 3]);
  });

  test("a function's environment contains only the variables that the template, Lambda, and local mode set", async () => {
    process.env.SECRET_OF_THE_HOST = 'x';
    const functions = run('export const handler = async () => process.env;');
    const environment = await invoke(functions);
    delete process.env.SECRET_OF_THE_HOST;
    expect(environment).toEqual({
      API: 'Small',
      SERVICE_NAME: 'work',
      PUBLIC_ORIGIN: 'http://127.0.0.1:8787/v1',
      AWS_ACCESS_KEY_ID: 'ASIA-work',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_SESSION_TOKEN: 't',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_GUARDDUTY: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_SES: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_NAME: 'Small-Work',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/Small-Work',
      AWS_LAMBDA_LOG_STREAM_NAME: 'laptop',
      HOME: join(dir, 'home'),
      LANG: 'en_US.UTF-8',
      _HANDLER: 'index.handler',
    });
  });

  test("the context contains the function's name and the remaining time", async () => {
    const functions = run(
      `export const handler = async (event, context) =>
         ({ ...context, before: Date.now(), left: context.getRemainingTimeInMillis(), after: Date.now() });`,
      { Timeout: 7 },
    );
    const from = Date.now();
    const context = (await invoke(functions)) as { before: number; left: number; after: number };
    const to = Date.now();
    expect(context).toMatchObject({
      functionName: 'Small-Work',
      functionVersion: '$LATEST',
      invokedFunctionArn: ARN,
      memoryLimitInMB: '256',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(context.after + context.left).toBeGreaterThanOrEqual(from + 7000);
    expect(context.before + context.left).toBeLessThanOrEqual(to + 7000);
  });

  test("a function's timers take ten times as long, so that a busy computer does not cause timeouts", async () => {
    const functions = run(
      `export const handler = async () => {
         const from = performance.now();
         await new Promise((resolve) => setTimeout(resolve, 20));
         return performance.now() - from;
       };`,
    );
    expect(await invoke(functions)).toBeGreaterThanOrEqual(199);
  });

  test('events and responses are passed as JSON', async () => {
    const functions = run(
      'export const handler = async (event) => event.nothing === undefined ? undefined : event;',
    );
    expect(await invoke(functions)).toBeNull();
    expect(await invoke(functions, { nothing: null, gone: undefined, at: new Date(0) })).toEqual({
      nothing: null,
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  test("the log contains a function's output between START and END", async () => {
    const functions = run(`export const handler = async () => {
      for (let line = 1; line <= 500; line += 1) console.log('line ' + line);
      console.error('trouble');
    };`);
    await invoke(functions);
    await functions.close();
    const [, requestId = ''] = /^START RequestId: ([0-9a-f-]{36}) Version: \$LATEST\n/.exec(log()) ?? [];
    const [printed = '', after = ''] = log().split(`END RequestId: ${requestId}\n`);
    expect(printed.match(/^line \d+$/gm)).toHaveLength(500);
    expect(printed).toContain('trouble\n');
    expect(after).toMatch(
      /^REPORT RequestId: [0-9a-f-]{36}\tDuration: [\d.]+ ms\tInit Duration: [\d.]+ ms\n$/,
    );
  });
});

describe('failures', () => {
  test('an error in the handler is reported, and the instance is kept', async () => {
    const functions = run(
      "let events = 0; export const handler = async () => { if (++events === 1) throw new TypeError('wrong'); return events; };",
    );
    expect(await invoke(functions)).toEqual(failed('TypeError', 'wrong'));
    expect(await invoke(functions)).toBe(2);
  });

  test.each([
    ['exits', 'process.exit(3)', 'Runtime exited with status 3'],
    [
      'throws outside its handler',
      "setImmediate(() => { throw new Error('lost'); }); await new Promise(() => {})",
      'Error: lost',
    ],
    [
      'leaves a rejection unhandled',
      "Promise.reject(new Error('lost')); await new Promise(() => {})",
      'Error: lost',
    ],
  ])('if a function %s, only its instance is lost', async (_name, statement, message) => {
    const functions = run(
      `let events = 0; export const handler = async ({ crash }) => { events += 1; if (crash) { ${statement}; } return events; };`,
    );
    expect(await invoke(functions)).toBe(1);
    expect(await invoke(functions, { crash: true })).toEqual(failed('Runtime.ExitError', message));
    expect(await invoke(functions)).toBe(1);
  });

  test('a failed initialization fails the event, and is retried for the next event', async () => {
    const functions = run(`
      import { existsSync, writeFileSync } from 'node:fs';
      const seen = ${JSON.stringify(join('DIR', 'seen'))}.replace('DIR', import.meta.dirname);
      if (!existsSync(seen)) { writeFileSync(seen, ''); throw new Error('no table'); }
      export const handler = async () => 'fine';
    `);
    expect(await invoke(functions)).toEqual(failed('Runtime.ExitError', 'Error: no table'));
    expect(await invoke(functions)).toBe('fine');
  });

  test('the error names a handler that the bundle does not export', async () => {
    const functions = run('export const other = 1;');
    expect(await invoke(functions)).toEqual(
      failed('Runtime.ExitError', "Error: The bundle does not export a handler 'handler'."),
    );
  });

  test('an event or a response of more than 6 MB is rejected', async () => {
    const functions = run('export const handler = async ({ length }) => "x".repeat(length ?? 0);');
    const large = 6_291_556;
    expect(await invoke(functions, { padding: 'x'.repeat(large) })).toEqual({ kind: 'too-large' });
    expect(await invoke(functions, { length: large })).toEqual(failed('Function.ResponseSizeTooLarge'));
    expect(await invoke(functions, { length: 1 })).toBe('x');
  });

  test('the invocation of an unknown function fails', async () => {
    const functions = run('export const handler = async () => 1;');
    expect(await functions.invoke('other', {})).toEqual(failed('ResourceNotFoundException'));
  });
});

describe('a function that exceeds its timeout', () => {
  const pass = holdTimers();

  test('the instance of a function that times out is replaced for the next event', async () => {
    const functions = run(
      'let events = 0; export const handler = async ({ hang }) => { events += 1; while (hang); return events; };',
      { Timeout: 3 },
    );
    expect(await invoke(functions)).toBe(1);
    const hanging = invoke(functions, { hang: true });
    // After this, the warm instance has received the event, and the timeout has started.
    await new Promise(setImmediate);
    pass(3000);
    expect(await hanging).toEqual(failed('Sandbox.Timedout', 'Task timed out after 3 seconds'));
    expect(await invoke(functions)).toBe(1);
  });
});

describe('concurrency', () => {
  let gate: Server;
  let held: (() => void)[];
  let arrived: (count: number) => Promise<void>;
  beforeEach(async () => {
    held = [];
    let wanted: { readonly count: number; resolve(): void } | undefined;
    arrived = (count) =>
      new Promise((resolve) => {
        wanted = { count, resolve };
        if (held.length >= count) resolve();
      });
    gate = createServer((_request, response) => {
      held.push(() => response.end());
      if (wanted !== undefined && held.length >= wanted.count) wanted.resolve();
    });
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await running?.close();
    gate.closeAllConnections();
    await new Promise((resolve) => gate.close(resolve));
  });

  /** Runs a function that waits for `gate`, and then returns its instance's ID and how many other events run there. */
  const waiting = (): RunningFunctions =>
    run(
      `const id = Math.random(); let busy = 0;
       export const handler = async () => {
         busy += 1;
         await fetch('http://127.0.0.1:${(gate.address() as AddressInfo).port}');
         busy -= 1;
         return { id, busy };
       };`,
      { Timeout: 30 },
    );

  test('four events run in separate instances at the same time, and the fifth waits', async () => {
    const functions = waiting();
    const responses = Array.from(
      { length: 5 },
      () => invoke(functions) as Promise<{ id: number; busy: number }>,
    );
    await arrived(4);
    expect(held).toHaveLength(4);
    held[0]?.();
    await arrived(5);
    for (const release of held) release();
    const done = await Promise.all(responses);
    expect(new Set(done.map(({ id }) => id)).size).toBe(4);
    expect(done.every(({ busy }) => busy === 0)).toBe(true);
  });

  test('close waits for events in progress', async () => {
    const functions = waiting();
    const response = invoke(functions);
    await arrived(1);
    const closed = functions.close();
    held[0]?.();
    expect(await response).toMatchObject({ busy: 0 });
    await closed;
    expect(await invoke(functions)).toEqual(failed('Sandbox.Stopped'));
  });

  test('close fails events that do not finish in time or have not started', async () => {
    const functions = waiting();
    const responses = Array.from({ length: 5 }, () => invoke(functions));
    await arrived(4);
    await functions.close();
    expect(await Promise.all(responses)).toEqual(Array(5).fill(failed('Sandbox.Stopped')));
    expect(held).toHaveLength(4);
  });
});

describe('the definitions of functions', () => {
  test('functions that nothing invokes are omitted', () => {
    const template = parseTemplate({
      Resources: {
        Other: {
          Type: 'AWS::Lambda::Function',
          Properties: { Handler: 'index.handler', Runtime: 'python3' },
        },
      },
    });
    const place = { region: 'r', accountId: '1', stackName: 's', queueUrl: () => '' };
    const home = {
      assemblyDir: dir,
      logDir: dir,
      homeDir: dir,
      endpoints: { DYNAMODB: '', S3: '', SQS: '', SES: '', KMS: '', GUARDDUTY: '' },
      substituted: {},
      nameVariable: undefined,
      accessKeyOf: () => ({ accessKeyId: '', secretAccessKey: '' }),
    };
    expect(defineFunctions(openStackModel(template, place), new Set(), home)).toEqual([]);
  });

  test('the error for an unknown reference in an environment names the function', () => {
    const Environment = { Variables: { TABLE: { Ref: 'Gone' } } };
    expect(() => run('export const handler = 1;', { Environment })).toThrow('resource Work refers to Gone');
  });
});
