import { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel } from '../template/stack-model.ts';

/** An event source mapping from a queue to a function. */
export interface QueueMapping {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  /** Maximum number of batches that are processed at the same time. */
  readonly concurrency: number;
  /** True if the function reports which messages failed. Otherwise, a batch succeeds or fails as a whole. */
  readonly partialBatches: boolean;
}

const Properties = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number().max(10).default(10),
  Enabled: z.literal(true).default(true),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).default({ MaximumConcurrency: 5 }),
});

const Source = Properties.pick({ EventSourceArn: true });

/**
 * Reads the template's event source mappings, except mappings from streams.
 *
 * @throws LaptopError if a mapping is not from a queue to a function of the stack
 */
export function readQueueMappings(model: StackModel): readonly QueueMapping[] {
  const mappings = model
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter((resource) => !model.read(resource, Source).EventSourceArn.includes('/stream/'));
  return mappings.map((resource) => {
    const properties = model.read(resource, Properties);
    const queue = model
      .ofType('AWS::SQS::Queue')
      .find(({ physical }) => physical?.attributes.Arn === properties.EventSourceArn);
    const target = model
      .ofType('AWS::Lambda::Function')
      .find(({ physical }) => [physical?.ref, physical?.attributes.Arn].includes(properties.FunctionName));
    if (queue === undefined || target === undefined)
      throw new LaptopError(
        `The mapping ${resource.logicalId} must be from a queue to a function of this stack.`,
      );
    return {
      queueUrl: model.refOf(queue),
      queueArn: properties.EventSourceArn,
      functionArn: target.physical?.attributes.Arn ?? '',
      batchSize: properties.BatchSize,
      concurrency: properties.ScalingConfig.MaximumConcurrency,
      partialBatches: properties.FunctionResponseTypes.length > 0,
    };
  });
}
