import { readFileSync } from 'node:fs';
import { GetQueueAttributesCommand, type QueueAttributeName, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../local/functions/instance.ts';
import { provisionQueues } from '../../local/provision/queue.ts';
import { readQueueMappings } from '../../local/queue/queue-mapping.ts';
import { type Poller, pollQueue } from '../../local/queue/queue-poller.ts';
import { failedMessages } from '../../local/queue/sqs-batch.ts';
import { openStackModel, type StackModel } from '../../local/template/stack-model.ts';
import { parseTemplate } from '../../local/template/template.ts';
import { LocalServices } from '../support/local-services.ts';

const TRIES = 2;

/** Seconds until a message that was not deleted comes again, where a test does not wait for that. */
const LATER = 30;
const SOON = 1;

interface SqsEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** A consumer in the hands of the test. */
interface Batch {
  readonly event: SqsEvent;
  readonly bodies: readonly string[];
  finish(outcome: Outcome): void;
}

let services: LocalServices;
let model: StackModel;
let poller: Poller | undefined;
/** Batches that nobody has looked at yet, and who waits for one. */
let batches: Batch[];
let waiting: ((batch: Batch) => void) | undefined;
let over: boolean;

beforeEach(async () => {
  services = new LocalServices();
  await services.start();
  batches = [];
  waiting = undefined;
  over = false;
});
afterEach(async () => {
  over = true;
  for (const { finish } of batches) finish(success);
  await poller?.stop();
  poller = undefined;
  await services.remove();
});

async function poll(VisibilityTimeout: number, mapping: object = {}): Promise<void> {
  const Queue = { 'Fn::GetAtt': ['Queue', 'Arn'] };
  const template = parseTemplate({
    Resources: {
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: TRIES },
        },
      },
      Dead: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1_209_600 } },
      Work: { Type: 'AWS::Lambda::Function' },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: Queue,
          FunctionName: { Ref: 'Work' },
          ScalingConfig: { MaximumConcurrency: 2 },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ...mapping,
        },
      },
    },
  });
  model = openStackModel(template, {
    region: 'us-east-1',
    accountId: '000000000000',
    stackName: 'Small',
    queueUrl: (name) => `${services.urlOf('sqs')}/000000000000/${name}`,
  });
  await provisionQueues(model, services.sqs());
  const [only] = readQueueMappings(model);
  if (only === undefined) throw new Error('no mapping');
  poller = pollQueue(only, {
    sqs: services.sqs(),
    region: 'us-east-1',
    invoke: (event) =>
      new Promise((finish) => {
        const sqsEvent = event as SqsEvent;
        const batch = { event: sqsEvent, bodies: sqsEvent.Records.map(({ body }) => body), finish };
        if (over) finish(success);
        else if (waiting === undefined) batches.push(batch);
        else waiting(batch);
        waiting = undefined;
      }),
  });
}

const queueUrl = (logicalId: string): string => {
  const queue = model.resources.find((resource) => resource.logicalId === logicalId);
  return queue === undefined ? '' : model.refOf(queue);
};
const send = (MessageBody: string) =>
  services.sqs().send(new SendMessageCommand({ QueueUrl: queueUrl('Queue'), MessageBody }));

function nextBatch(): Promise<Batch> {
  const batch = batches.shift();
  if (batch !== undefined) return Promise.resolve(batch);
  return new Promise((resolve) => {
    waiting = resolve;
  });
}

const success: Outcome = { kind: 'answered', payload: '{"batchItemFailures":[]}' };
const failure: Outcome = { kind: 'failed', error: { errorType: 'Error', errorMessage: 'x' } };
const report = (value: unknown): Outcome => ({ kind: 'answered', payload: JSON.stringify(value) });

const VISIBLE = 'ApproximateNumberOfMessages';
const IN_FLIGHT = 'ApproximateNumberOfMessagesNotVisible';

async function countIn(logicalId: string, names: readonly QueueAttributeName[] = [VISIBLE, IN_FLIGHT]) {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl(logicalId),
    AttributeNames: [...names],
  });
  const { Attributes = {} } = await services.sqs().send(command);
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

const SOON_MS = 3000;

/** Asks until the queue holds that many messages; says how many it held if it never does. */
async function holds(logicalId: string, count: number): Promise<void> {
  const until = performance.now() + SOON_MS;
  let held = await countIn(logicalId);
  while (held !== count && performance.now() < until) held = await countIn(logicalId);
  expect(held).toBe(count);
}

describe('a queue that leads to a function', () => {
  test('hands messages over in the golden shape', async () => {
    const path = new URL('../golden/sqs-mail.json', import.meta.url);
    const golden = JSON.parse(readFileSync(path, 'utf8')) as { Records: [Record<string, unknown>] };
    const [expected] = golden.Records;
    await poll(LATER);
    await send(String(expected.body));
    const { event, finish } = await nextBatch();
    const [record] = event.Records as unknown as [Record<string, unknown>];
    expect(record).toEqual({
      ...expected,
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      attributes: expect.objectContaining(
        Object.fromEntries(
          Object.keys(expected.attributes as object).map((name) => [name, expect.any(String)]),
        ),
      ),
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:Small-Queue',
    });
    finish(success);
    await holds('Queue', 0);
  });

  test('deletes what the function has done', async () => {
    await poll(LATER);
    await send('a');
    (await nextBatch()).finish(success);
    await holds('Queue', 0);
    await send('b');
    const second = await nextBatch();
    expect(second.bodies).toEqual(['b']);
    second.finish(success);
  });

  test('hands the whole batch over again when the function fails', async () => {
    await poll(SOON);
    await send('a');
    (await nextBatch()).finish(failure);
    const again = await nextBatch();
    expect(again.bodies).toEqual(['a']);
    again.finish(success);
    await holds('Queue', 0);
  });

  test('hands only the messages over again that the function reports', async () => {
    await poll(SOON);
    await send('bad');
    await send('good');
    const done: string[] = [];
    for (let failed = 0; failed === 0 || done.length < 2; ) {
      const { event, finish } = await nextBatch();
      const bad = event.Records.filter(({ body }) => body === 'bad' && failed === 0);
      failed += bad.length;
      done.push(...event.Records.filter((record) => !bad.includes(record)).map(({ body }) => body));
      finish(report({ batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) }));
    }
    expect(done.sort()).toEqual(['bad', 'good']);
    await holds('Queue', 0);
  });

  test('lets go of a message that failed as often as the queue allows', async () => {
    await poll(SOON);
    await send('poison');
    for (let tries = 0; tries < TRIES; tries += 1) (await nextBatch()).finish(failure);
    await holds('Dead', 1);
    expect(await countIn('Queue')).toBe(0);
  });

  test('waits for the visibility timeout before it hands a message over again', async () => {
    await poll(SOON);
    await send('a');
    const first = await nextBatch();
    const failedAt = performance.now();
    first.finish(failure);
    (await nextBatch()).finish(success);
    expect(performance.now() - failedAt).toBeGreaterThan(800);
  });

  test('works on no more batches at a time than the template says', async () => {
    await poll(LATER, { BatchSize: 1 });
    for (const body of ['a', 'b', 'c']) await send(body);
    const [first, second] = [await nextBatch(), await nextBatch()];
    for (let look = 0; look < 20; look += 1) expect(await countIn('Queue', [VISIBLE])).toBe(1);
    expect(batches).toEqual([]);
    first.finish(success);
    const third = await nextBatch();
    expect([...first.bodies, ...second.bodies, ...third.bodies].sort()).toEqual(['a', 'b', 'c']);
    second.finish(success);
    third.finish(success);
    await holds('Queue', 0);
  });

  test('stops when the batch that it has begun is done', async () => {
    await poll(LATER);
    await send('a');
    const { finish } = await nextBatch();
    const stopped = poller?.stop();
    finish(success);
    await stopped;
    expect(await countIn('Queue')).toBe(0);
  });
});

describe('what a function reports of its batch', () => {
  const messages = [{ MessageId: 'a' }, { MessageId: 'b' }];
  const failed = (outcome: Outcome, partialBatches = true) => [
    ...failedMessages(outcome, messages, { partialBatches }),
  ];

  test.each([
    ['nothing', null],
    ['an empty text', ''],
    ['an empty list', { batchItemFailures: [] }],
    ['no list', {}],
    ['null', { batchItemFailures: null }],
  ])('as %s is that all of it is done', (_name, value) => {
    expect(failed(report(value))).toEqual([]);
  });

  test('names the messages that come again', () => {
    expect(failed(report({ batchItemFailures: [{ itemIdentifier: 'b' }] }))).toEqual(['b']);
  });

  test.each([
    ['a message that was not in the batch', { batchItemFailures: [{ itemIdentifier: 'c' }] }],
    ['no name', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['another name for it', { batchItemFailures: [{ itemId: 'a' }] }],
    ['no list but a text', { batchItemFailures: 'all' }],
  ])('with %s is that nothing of it is done', (_name, value) => {
    expect(failed(report(value))).toEqual(['a', 'b']);
  });

  test('is that nothing is done when it fails, and is not read without partial batches', () => {
    expect(failed(failure)).toEqual(['a', 'b']);
    expect(failed(failure, false)).toEqual(['a', 'b']);
    expect(failed(report({ batchItemFailures: [{ itemIdentifier: 'b' }] }), false)).toEqual([]);
  });
});
