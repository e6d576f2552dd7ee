import { describe, expect, test } from '@jest/globals';
import { ALLOWED } from '../../src/access.ts';
import type { EventContent } from '../../src/events/event.ts';
import { openEvents } from '../../src/events/open-events.ts';
import type { CreatedObject } from '../../src/s3/operations/call.ts';
import { openStackModel } from '../../src/template/stack-model.ts';
import { parseTemplate } from '../../src/template/template.ts';

const NOW = new Date('2026-03-01T12:00:00.500Z');
const ON = { EventBridgeConfiguration: { EventBridgeEnabled: true } };
const CREATED: CreatedObject = {
  reason: 'PutObject',
  bucket: 'small-bucket',
  key: 'a b',
  versionId: 'v1',
  size: 7,
  etag: 'e1',
};

/** Announces a new object in a small stack's bucket. Returns the events that the stack's queue receives. */
async function announced(object: CreatedObject, NotificationConfiguration: object | undefined = ON) {
  const template = parseTemplate({
    Resources: {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { NotificationConfiguration } },
      Queue: { Type: 'AWS::SQS::Queue' },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: { source: ['aws.s3'] },
          Targets: [{ Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
        },
      },
    },
  });
  const place = {
    region: 'us-east-1',
    accountId: '000000000000',
    stackName: 'small',
    queueUrl: (name: string) => name,
  };
  const bodies: string[] = [];
  const events = openEvents(openStackModel(template, place), {
    accountId: place.accountId,
    ignoredTypes: {},
    log: { write: () => undefined },
    clock: () => NOW,
    authorize: () => ALLOWED,
    sendMessage: async (_url, body) => bodies.push(body),
    invoke: () => Promise.reject(new Error('no function')),
  });
  events.announce(object);
  await events.idle();
  return bodies.map((body): EventContent => JSON.parse(body));
}

describe('a bucket with EventBridge notifications', () => {
  test('sends an Object Created event for a new object', async () => {
    expect(await announced(CREATED)).toEqual([
      {
        version: '0',
        id: expect.any(String),
        'detail-type': 'Object Created',
        source: 'aws.s3',
        account: '000000000000',
        time: '2026-03-01T12:00:00Z',
        region: 'us-east-1',
        resources: ['arn:aws:s3:::small-bucket'],
        detail: {
          version: '0',
          'event-version': '1.1',
          bucket: { name: 'small-bucket' },
          object: {
            key: 'a b',
            size: 7,
            etag: 'e1',
            'version-id': 'v1',
            sequencer: expect.stringMatching(/^[0-9A-F]+$/),
          },
          'request-id': expect.stringMatching(/^[0-9A-F]{16}$/),
          requester: '000000000000',
          'source-ip-address': '127.0.0.1',
          reason: 'PutObject',
        },
      },
    ]);
  });

  test('reports the operation that created the object', async () => {
    const object = { ...CREATED, reason: 'CompleteMultipartUpload' } as const;
    expect(await announced(object)).toMatchObject([{ detail: { reason: 'CompleteMultipartUpload' } }]);
  });

  test('omits the version ID if versioning is off', async () => {
    const [event] = await announced({ ...CREATED, versionId: 'null' });
    expect(event?.detail).toHaveProperty('object.key');
    expect(event?.detail).not.toHaveProperty('object.version-id');
  });
});

describe('the notification configuration of a bucket', () => {
  test('sends no events if EventBridge is off', async () => {
    const off = { EventBridgeConfiguration: { EventBridgeEnabled: false } };
    expect(await announced(CREATED, off)).toEqual([]);
    expect(await announced(CREATED, { Ref: 'AWS::NoValue' })).toEqual([]);
    expect(await announced({ ...CREATED, bucket: 'other' })).toEqual([]);
  });

  test('is rejected if it also sends notifications to a queue', async () => {
    const elsewhere = { ...ON, QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: 'arn' }] };
    await expect(announced(CREATED, elsewhere)).rejects.toThrow('QueueConfigurations');
  });
});
