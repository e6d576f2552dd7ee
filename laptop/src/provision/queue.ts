import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { StackModel, StackResource } from '../template/stack-model.ts';

const RedrivePolicy = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int() });

const Properties = z.object({
  VisibilityTimeout: z.number().optional(),
  MessageRetentionPeriod: z.number().optional(),
  DelaySeconds: z.number().optional(),
  ReceiveMessageWaitTimeSeconds: z.number().optional(),
  MaximumMessageSize: z.number().optional(),
  RedrivePolicy: RedrivePolicy.optional(),
});

/** Creates the stack's queues. Dead-letter queues come first, because other queues refer to them. */
export async function provisionQueues(model: StackModel, sqs: SQSClient): Promise<void> {
  const queues = model
    .ofType('AWS::SQS::Queue')
    .map((resource) => ({ resource, properties: model.read(resource, Properties) }))
    .sort((left, right) => Number(isRedriven(left)) - Number(isRedriven(right)));
  for (const { resource, properties } of queues) {
    const { RedrivePolicy: redrive, ...numbers } = properties;
    const Attributes = Object.fromEntries(
      Object.entries(numbers).map(([name, value]) => [name, String(value)]),
    );
    if (redrive !== undefined) Attributes.RedrivePolicy = JSON.stringify(redrive);
    await sqs.send(new CreateQueueCommand({ QueueName: queueName(resource), Attributes }));
  }
}

const isRedriven = ({ properties }: { properties: z.output<typeof Properties> }): boolean =>
  properties.RedrivePolicy !== undefined;

const queueName = ({ physical }: StackResource): string => physical?.attributes.QueueName ?? '';
