import { readFileSync } from 'node:fs';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { failedItems } from '../src/functions/batch-report.ts';
import type { Outcome } from '../src/functions/instance.ts';
import type { Poller } from '../src/functions/poller.ts';
import { provisionQueues } from '../src/provision/queue.ts';
import { readQueueMappings } from '../src/queue/queue-mapping.ts';
import { pollQueue } from '../src/queue/queue-poller.ts';
import { openStackModel, type StackModel } from '../src/template/stack-model.ts';
import { parseTemplate } from '../src/template/template.ts';
import { eventually } from './support/eventually.ts';
import { LocalServices } from './support/local-services.ts';

const TRIES = 2;

/** Visibility timeout in seconds. It is the maximum, so that no message becomes visible again during a test. */
const VISIBILITY_TIMEOUT = 43_200;

interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
}

interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** A batch that the function has received. The test decides when and how the invocation ends. */
interface Batch {
  readonly event: SqsEvent;
  readonly bodies: readonly string[];
  finish(outcome: Outcome): void;
}

let services: LocalServices;
let model: StackModel;
let poller: Poller | undefined;
/** Batches that the test has not taken yet. If the test is waiting, `waiting` passes it the next batch. */
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

/** Polls a queue that already contains these messages. */
async function poll(messages: readonly string[], mapping: object = {}): Promise<void> {
  const Queue = { 'Fn::GetAtt': ['Queue', 'Arn'] };
  const template = parseTemplate({
    Resources: {
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: VISIBILITY_TIMEOUT,
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
          ScalingConfig: { MaximumConcurrency: 1 },
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
  for (const message of messages) await send(message);
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

/** Resolves once the queue has been polled `times` times. By then, the messages of earlier polls have been deleted. */
async function polled(times: number): Promise<void> {
  const polls = async () =>
    services.authorizations.filter(({ action }) => action === 'sqs:ReceiveMessage').length;
  await eventually(polls, (count) => count >= times);
}

/** Ends the visibility timeout of a message. */
const comeAgain = ({ receiptHandle }: SqsRecord) =>
  services.sqs().send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl('Queue'),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: 0,
    }),
  );

async function comeAllAgain({ event }: Batch): Promise<void> {
  for (const record of event.Records) await comeAgain(record);
}

describe('an event source mapping for a queue', () => {
  test('sends messages to the function in the format of the golden event', async () => {
    const path = new URL('./golden/sqs-mail.json', import.meta.url);
    const golden = JSON.parse(readFileSync(path, 'utf8')) as { Records: [Record<string, unknown>] };
    const [expected] = golden.Records;
    await poll([String(expected.body)]);
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
  });

  test('deletes the messages that the function has processed', async () => {
    await poll(['a']);
    (await nextBatch()).finish(success);
    await polled(2);
    expect(await countIn('Queue')).toBe(0);
    await send('b');
    const second = await nextBatch();
    expect(second.bodies).toEqual(['b']);
    second.finish(success);
  });

  test('keeps the whole batch in the queue if the function fails, until the visibility timeout ends', async () => {
    await poll(['a', 'b']);
    const first = await nextBatch();
    first.finish(failure);
    await polled(2);
    expect([await countIn('Queue', [IN_FLIGHT]), await countIn('Queue', [VISIBLE])]).toEqual([2, 0]);
    await comeAllAgain(first);
    const again: string[] = [];
    while (again.length < 2) {
      const { bodies, finish } = await nextBatch();
      again.push(...bodies);
      finish(success);
    }
    expect(again.toSorted()).toEqual(['a', 'b']);
  });

  test('keeps only the messages that the function reports as failed', async () => {
    await poll(['bad', 'good']);
    const { event, bodies, finish } = await nextBatch();
    expect(bodies).toEqual(['bad', 'good']);
    const [bad] = event.Records;
    if (bad === undefined) throw new Error('no message');
    finish(report({ batchItemFailures: [{ itemIdentifier: bad.messageId }] }));
    await polled(2);
    expect(await countIn('Queue')).toBe(1);
    await comeAgain(bad);
    const again = await nextBatch();
    expect(again.bodies).toEqual(['bad']);
    again.finish(success);
  });

  test('moves a message to the dead-letter queue after its last attempt', async () => {
    await poll(['poison']);
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const batch = await nextBatch();
      batch.finish(failure);
      await polled(tries + 1);
      await comeAllAgain(batch);
    }
    await polled(TRIES + 2);
    expect([await countIn('Queue'), await countIn('Dead')]).toEqual([0, 1]);
  });

  test('processes no more batches at a time than the template allows', async () => {
    await poll(['a', 'b', 'c'], { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    const [first, second] = [await nextBatch(), await nextBatch()];
    for (let look = 0; look < 20; look += 1) expect(await countIn('Queue', [VISIBLE])).toBe(1);
    expect(batches).toEqual([]);
    first.finish(success);
    const third = await nextBatch();
    expect([...first.bodies, ...second.bodies, ...third.bodies].sort()).toEqual(['a', 'b', 'c']);
    second.finish(success);
    third.finish(success);
  });

  test('stops after the batch in progress', async () => {
    await poll(['a']);
    const { finish } = await nextBatch();
    const stopped = poller?.stop();
    finish(success);
    await stopped;
    expect(await countIn('Queue')).toBe(0);
  });

  test('stops immediately while it waits for messages', async () => {
    const begun = Promise.withResolvers<void>();
    const send = (_command: unknown, { abortSignal }: { readonly abortSignal?: AbortSignal }) => {
      begun.resolve();
      return new Promise((_resolve, reject) => {
        abortSignal?.addEventListener('abort', () => reject(abortSignal.reason));
      });
    };
    const mapping = {
      ...{ queueUrl: 'url', queueArn: 'arn', functionArn: 'arn' },
      ...{ batchSize: 1, concurrency: 1, partialBatches: true },
    };
    const waiting = pollQueue(mapping, {
      sqs: { send } as unknown as SQSClient,
      region: 'us-east-1',
      invoke: async () => success,
    });
    await begun.promise;
    await waiting.stop();
  });
});

describe('failedItems', () => {
  const failed = (outcome: Outcome, partialBatches = true) => [
    ...failedItems(outcome, ['a', 'b'], { partialBatches }),
  ];

  test.each([
    ['nothing', null],
    ['an empty string', ''],
    ['an empty list', { batchItemFailures: [] }],
    ['an empty object', {}],
    ['null', { batchItemFailures: null }],
  ])('returns no messages if the report is %s', (_name, value) => {
    expect(failed(report(value))).toEqual([]);
  });

  test('returns the messages that the report lists', () => {
    expect(failed(report({ batchItemFailures: [{ itemIdentifier: 'b' }] }))).toEqual(['b']);
  });

  test.each([
    ['a message that was not in the batch', { batchItemFailures: [{ itemIdentifier: 'c' }] }],
    ['an empty ID', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['an unknown field', { batchItemFailures: [{ itemId: 'a' }] }],
    ['a string instead of a list', { batchItemFailures: 'all' }],
  ])('returns all messages if the report has %s', (_name, value) => {
    expect(failed(report(value))).toEqual(['a', 'b']);
  });

  test('returns all messages if the function fails, and ignores reports if the mapping does not enable them', () => {
    expect(failed(failure)).toEqual(['a', 'b']);
    expect(failed(failure, false)).toEqual(['a', 'b']);
    expect(failed(report({ batchItemFailures: [{ itemIdentifier: 'b' }] }), false)).toEqual([]);
  });
});
