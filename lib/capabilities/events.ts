import { Aws, Duration } from 'aws-cdk-lib';
import { eventsEnvironment } from '../../lambda/environment/events.ts';
import type { Capability, DeploymentOf, FunctionTable, Parts } from '../capability.ts';
import { ChangeFeed, type Changes } from '../constructs/change-feed.ts';
import { OwnEventBus } from '../constructs/event-bus.ts';
import { waiting } from '../constructs/metrics.ts';
import { QUEUED } from '../function-size.ts';
import { readStreams } from '../permissions/events.ts';
import { allow, through } from '../permissions/statements.ts';
import { readEncrypted } from '../permissions/tables.ts';
import { receipts } from '../variables.ts';

const functions = {
  // A run reads receipts in parallel, then calls the bus once.
  events: { ...QUEUED, schema: eventsEnvironment },
} satisfies FunctionTable;

/**
 * Age at which an event is late. It is well above the 15 minutes that an expiry can wait after TTL has removed the
 * record (lambda/domain/events/tell-changes.ts).
 */
const LATE = Duration.hours(1);

/** Publishes events for other systems on a dedicated event bus. */
export const events: Capability<typeof functions> = {
  name: 'events',
  when: (config) => config.events,
  functions,
  routes: [],
  deploy: (parts, stack): DeploymentOf<typeof functions> => {
    const { config, keys, store, uploads } = parts;
    const own = new OwnEventBus(stack, 'OwnEventBus', { stackName: config.stackName });
    const { bus } = own;
    const feed = new ChangeFeed(stack, 'ChangeFeed', { changes: changesIn(parts), key: keys.data });
    return {
      functions: {
        events: {
          environment: {
            ...receipts(parts),
            TOKEN_TABLE: store.tokens.tableName,
            LEDGER_TABLE: store.ledger.tableName,
            ...(uploads && { UPLOAD_TABLE: uploads.uploads.tableName }),
            EVENT_BUS: bus.eventBusName,
            EVENTS_URL: `https://events.${Aws.REGION}.${Aws.URL_SUFFIX}`,
          },
          permissions: [
            ...readStreams(streamed(parts)),
            allow(['dynamodb:GetItem'], [store.receipts.tableArn]),
            readEncrypted(keys),
            allow(['events:PutEvents'], [bus.eventBusArn]),
            allow(['sqs:SendMessage'], [feed.failures.queueArn]),
            through('sqs', keys.data, ['kms:GenerateDataKey', 'kms:Decrypt']),
          ],
          trigger: feed,
        },
      },
      connect: (roles) => own.reserveFor(roles.events),
      alarms: [
        {
          id: 'LateEventAlarm',
          metric: feed.age,
          threshold: LATE.toMilliseconds(),
          meaning:
            'Events have waited for an hour, so the bus is not accepting them. After 23 hours, they are lost.',
          first: 'Read the faults in the log of the events function, and fix their cause.',
        },
        {
          id: 'EventFailureAlarm',
          metric: waiting(feed.failures),
          threshold: 1,
          meaning: 'Events could not be published within 23 hours. The tables still contain their data.',
          first:
            'Fix the cause, and tell subscribers which hours are missing. The messages in the queue EventFailureQueue contain the times.',
        },
      ],
      graphs: [{ title: 'Milliseconds that the oldest event has waited', metrics: [feed.age] }],
      outputs: [
        { name: 'EventBusName', value: bus.eventBusName, description: 'Where to subscribe to events' },
        {
          name: 'EventFailureQueueUrl',
          value: feed.failures.queueUrl,
          description: 'Events that could not be published',
        },
      ],
    };
  },
};

/** Returns the writes that are published as events. The function is not invoked for any others. */
function changesIn({ config, store, uploads }: Parts): readonly Changes[] {
  const inserted = (attribute: string, values: readonly string[]) => ({
    eventName: ['INSERT'],
    dynamodb: { NewImage: { [attribute]: { S: values } } },
  });
  return [
    { name: 'IssuedLinks', table: store.tokens, pattern: { eventName: ['INSERT'] } },
    {
      // A mapping of its own, so that new links do not wait for expiries. An expiry is published only once no receipt
      // can arrive anymore.
      name: 'ExpiredLinks',
      table: store.tokens,
      pattern: {
        eventName: ['REMOVE'],
        userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] },
      },
    },
    { name: 'EndedLinks', table: store.receipts, pattern: inserted('kind', ['redeemed', 'revoked']) },
    {
      name: 'NotedLinks',
      table: store.ledger,
      pattern: inserted('event', [
        ...['mailed', 'mail-failed', 'bounced', 'reported'],
        ...(config.secondChance === 'on' ? ['reissued'] : []),
      ]),
    },
    ...(uploads
      ? [
          {
            name: 'DecidedUploads',
            table: uploads.uploads,
            pattern: {
              eventName: ['MODIFY'],
              dynamodb: {
                NewImage: { step: { M: { event: { S: ['published', 'released', 'rejected', 'parked'] } } } },
              },
            },
          },
        ]
      : []),
  ];
}

const streamed = ({ store, uploads }: Parts) => [
  store.tokens,
  store.receipts,
  store.ledger,
  ...(uploads ? [uploads.uploads] : []),
];
