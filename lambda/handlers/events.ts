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
  /** The names of the tables. There is none of uploads if the deployment takes no uploads. */
  readonly tables: Readonly<Record<StreamedTable, string | undefined>>;
}

/**
 * Creates the consumer of the tables' streams. Lambda repeats a batch from the first record that failed, so nothing is passed over
 * (Lambda Developer Guide, "Configuring partial batch response with DynamoDB and Lambda"). A record that cannot be read would fail
 * for ever: it is reported, and the next one has its turn.
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
    const failed = read[await toldOf(deps, changes, first.id)];
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed.id }] };
  };
}

/** Reads a change, or reports that its record holds none. */
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
      new Error('The record holds no change'),
    );
  }
  return change;
}

/** Tells changes, and returns how many are done. If a service is down, none of them counts. */
async function toldOf(
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
