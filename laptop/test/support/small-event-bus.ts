import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach } from '@jest/globals';
import { deliverTo } from '../../src/events/deliver.ts';
import { type EventBuses, openEventBuses } from '../../src/events/event-bus.ts';
import { type EventRule, readRules } from '../../src/events/rule.ts';
import { createAuthorizer } from '../../src/iam/authorizer.ts';
import { impliedCalls } from '../../src/iam/implied-calls.ts';
import { readPolicies } from '../../src/iam/stack-policies.ts';
import { provisionQueues } from '../../src/provision/queue.ts';
import { openStackModel, type StackModel } from '../../src/template/stack-model.ts';
import { parseTemplate } from '../../src/template/template.ts';
import { LocalServices } from './local-services.ts';

const HOME = { region: 'us-east-1', accountId: '000000000000' };
const NOW = new Date('2026-03-01T12:00:00.500Z');

export const arnOf = (logicalId: string): object => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
export const rule = (properties: object, target = 'Queue') => ({
  Type: 'AWS::Events::Rule',
  Properties: { State: 'ENABLED', Targets: [{ Arn: arnOf(target), Id: 'Target0' }], ...properties },
});
/** Returns a policy statement that allows EventBridge to perform actions on behalf of a rule. */
export const allowing = (Action: string | string[], Resource: unknown, sourceRule: string) => ({
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action,
  Resource,
  Condition: { ArnEquals: { 'aws:SourceArn': arnOf(sourceRule) } },
});
export const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
export const PATTERN = { source: ['aws.guardduty'], detail: { status: ['clean'] } };

/** A rule with a queue as its target, and the queue policy that allows the rule to send messages to it. */
export const TO_QUEUE = {
  Rule: rule({ EventPattern: PATTERN }),
  Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
  QueuePolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Queue' }],
      PolicyDocument: document(allowing('sqs:SendMessage', arnOf('Queue'), 'Rule')),
    },
  },
};

export const modelOf = (Resources: object, queueUrl = (name: string) => name): StackModel =>
  openStackModel(parseTemplate({ Resources }), { ...HOME, stackName: 'Small', queueUrl });

/** The event buses of a small template, with a real queue and a function that only records its events. */
export class SmallEventBus {
  readonly services = new LocalServices();
  rules: readonly EventRule[] = [];
  invoked: (readonly [arn: string, event: unknown])[] = [];
  logged = '';
  #model: StackModel | undefined;
  #bus: EventBuses | undefined;

  get bus(): EventBuses {
    if (this.#bus === undefined) throw new Error('The bus is not open.');
    return this.#bus;
  }

  /** Creates a template's queues and event buses, with the template's rules and policies. */
  async open(resources: object): Promise<void> {
    const { services } = this;
    const model = modelOf(resources, (name) => `${services.urlOf('sqs')}/${HOME.accountId}/${name}`);
    await provisionQueues(model, services.sqs());
    services.authorize = createAuthorizer({
      policies: readPolicies(model, []),
      implied: impliedCalls(model),
      accessKeys: services.keys,
      clock: () => NOW,
      ...HOME,
    });
    this.rules = readRules(model, {});
    this.#model = model;
    this.#bus = openEventBuses({
      buses: new Set(['own']),
      rules: this.rules,
      place: HOME,
      deliver: deliverTo({
        accountId: HOME.accountId,
        authorize: (request) => services.authorize(request),
        sendMessage: (url, body) => services.sendMessage(url, body),
        invoke: async (arn, event) => this.invoked.push([arn, event]),
      }),
      log: {
        write: (text: string | Uint8Array) => {
          this.logged += text;
        },
      },
      clock: () => NOW,
    });
  }

  /** Receives all messages in the queue. */
  async received(): Promise<unknown[]> {
    const [queue] = this.#model?.ofType('AWS::SQS::Queue') ?? [];
    const command = new ReceiveMessageCommand({
      QueueUrl: queue?.physical?.ref ?? '',
      MaxNumberOfMessages: 10,
    });
    const { Messages = [] } = await this.services.sqs().send(command);
    return Messages.map(({ Body = '' }): unknown => JSON.parse(Body));
  }
}

/** Starts the services of a small event bus for each test in a file. */
export function smallEventBus(): () => SmallEventBus {
  let small: SmallEventBus;
  beforeEach(async () => {
    small = new SmallEventBus();
    await small.services.start();
  });
  afterEach(() => small.services.remove());
  return () => small;
}
