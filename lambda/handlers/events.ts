import type { DynamoDBBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Change } from '../domain/events/change.ts';
import { type TellDependencies, tellChanges } from '../domain/events/tell-changes.ts';
import type { Telemetry } from '../domain/ports.ts';
import { readChange, type StreamedTable } from './read-change.ts';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
const streamEvent = z.object({
  Records: z.array(
    z.looseObject({
      eventSourceARN: z.string(),
      dynamodb: z.looseObject({ SequenceNumber: z.string() }),
    }),
  ),
});

const ROUTE = 'change streams';
const STREAMED = ['tokens', 'receipts', 'ledger', 'uploads'] as const satisfies readonly StreamedTable[];

type StreamRecord = z.output<typeof streamEvent>['Records'][number];

export interface EventsHandlerDependencies extends Omit<TellDependencies, 'report'> {
  readonly telemetry: Telemetry;
  /** Names of the tables. `uploads` is absent if uploads are turned off. */
  readonly tables: Readonly<Record<StreamedTable, string | undefined>>;
}

/**
 * Creates the consumer of the table streams. Lambda retries a batch starting with the first failed record, so no record
 * is lost (Lambda Developer Guide, "Configuring partial batch response with DynamoDB and Lambda"). A record that cannot
 * be read would fail forever, so it is reported and skipped.
 */
export function createEventsHandler(deps: EventsHandlerDependencies) {
  return async (event: unknown): Promise<DynamoDBBatchResponse> => {
    const read = streamEvent.parse(event).Records.flatMap((record) => {
      const change = changeIn(deps, record);
      return change === undefined ? [] : [{ id: record.dynamodb.SequenceNumber, change }];
    });
    const [first] = read;
    if (first === undefined) return { batchItemFailures: [] };
    const changes = read.map(({ change }) => change);
    const failed = read[await publishEvents(deps, changes, first.id)];
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed.id }] };
  };
}

/** Returns the change in a record, or reports that it contains none. */
function changeIn(
  { tables, telemetry }: EventsHandlerDependencies,
  record: StreamRecord,
): Change | undefined {
  const name = record.eventSourceARN.split('/')[1];
  const table = STREAMED.find((each) => tables[each] === name);
  const change = table && readChange(table, record);
  if (change === undefined) {
    const { SequenceNumber: sequenceNumber } = record.dynamodb;
    telemetry.report(
      { incident: 'change-unreadable', sequenceNumber },
      new Error('The stream record contains no known change'),
    );
  }
  return change;
}

/**
 * Publishes the changes' events. Returns how many changes, counted from the first, are done: 0 if publishing throws.
 */
async function publishEvents(
  deps: EventsHandlerDependencies,
  changes: readonly Change[],
  requestId: string,
): Promise<number> {
  const { telemetry } = deps;
  try {
    const { done, outcome } = await tellChanges({ ...deps, report: telemetry.report }, changes);
    telemetry.handled({ route: ROUTE, requestId, outcome });
    return done;
  } catch (cause) {
    telemetry.fault(ROUTE, requestId, cause);
    return 0;
  }
}
