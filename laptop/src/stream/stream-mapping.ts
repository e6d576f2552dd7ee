import { z } from 'zod';
import { compilePattern, type Matcher } from '../events/pattern.ts';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';

/** An event source mapping from a stream to a function. */
export interface StreamMapping {
  /** The ID under which the mapping's position in the stream is stored, so that it survives restarts. */
  readonly logicalId: string;
  readonly streamArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  /** Starting position of a new mapping: at the oldest record, or after the latest one. */
  readonly start: 'TRIM_HORIZON' | 'LATEST';
  /** Returns whether a record passes the mapping's filters. */
  readonly matches: Matcher;
  /** True if the function reports which record failed. Otherwise, a batch succeeds or fails as a whole. */
  readonly partialBatches: boolean;
  /** True if a failed batch is split in two. */
  readonly bisect: boolean;
  /** Maximum number of retries before a batch is discarded. */
  readonly maxRetries: number;
  /** Age in milliseconds at which a record is discarded. */
  readonly maxAgeMs: number;
  /** The queue to which discarded records are reported. */
  readonly onFailure: { readonly arn: string; readonly url: string } | undefined;
}

/** A limit. -1 means no limit. */
const limit = z
  .number()
  .min(-1)
  .default(-1)
  .transform((value) => (value === -1 ? Number.POSITIVE_INFINITY : value));

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html */
const Properties = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number().min(1).max(10_000).default(100),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: limit,
  MaximumRecordAgeInSeconds: limit,
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).default({}),
  TumblingWindowInSeconds: z.literal(0).default(0),
  Enabled: z.literal(true).default(true),
});

/**
 * Reads the template's event source mappings from streams.
 *
 * @throws LaptopError if the stream or the function of a mapping is not part of the stack
 */
export function readStreamMappings(model: StackModel): readonly StreamMapping[] {
  const tables = model.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  const streams = new Set(tables.map(({ physical }) => physical?.attributes.StreamArn));
  return model
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(isFromStream(model))
    .map((resource) => {
      const properties = model.read(resource, Properties);
      const target = model
        .ofType('AWS::Lambda::Function')
        .find(({ physical }) => [physical?.ref, physical?.attributes.Arn].includes(properties.FunctionName));
      if (target === undefined || !streams.has(properties.EventSourceArn))
        throw new LaptopError(
          `The mapping ${resource.logicalId} must be from a stream to a function of this stack.`,
        );
      return {
        logicalId: resource.logicalId,
        streamArn: properties.EventSourceArn,
        functionArn: target.physical?.attributes.Arn ?? '',
        batchSize: properties.BatchSize,
        start: properties.StartingPosition,
        matches: anyOf(properties.FilterCriteria?.Filters, resource.logicalId),
        partialBatches: properties.FunctionResponseTypes.length > 0,
        bisect: properties.BisectBatchOnFunctionError,
        maxRetries: properties.MaximumRetryAttempts,
        maxAgeMs: properties.MaximumRecordAgeInSeconds * 1000,
        onFailure: failureQueue(model, resource, properties.DestinationConfig.OnFailure?.Destination),
      };
    });
}

const Source = Properties.pick({ EventSourceArn: true });

const isFromStream =
  (model: StackModel) =>
  (resource: StackResource): boolean =>
    model.read(resource, Source).EventSourceArn.includes('/stream/');

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html */
function anyOf(filters: readonly { readonly Pattern: string }[] = [], logicalId: string): Matcher {
  if (filters.length === 0) return () => true;
  const matchers = filters.map(({ Pattern }) => compilePattern(JSON.parse(Pattern), `mapping ${logicalId}`));
  return (record) => matchers.some((matches) => matches(record));
}

function failureQueue(
  model: StackModel,
  { logicalId }: StackResource,
  arn: string | undefined,
): StreamMapping['onFailure'] {
  if (arn === undefined) return undefined;
  const queue = model.ofType('AWS::SQS::Queue').find(({ physical }) => physical?.attributes.Arn === arn);
  if (queue === undefined)
    throw new LaptopError(`The mapping ${logicalId} must report failures to a queue of this stack.`);
  return { arn, url: model.refOf(queue) };
}
