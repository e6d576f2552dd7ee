import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { Deployment } from '../tvm/deployment.ts';
import { type Change, type Entry, linkEntry, uploadEntry } from './entry.ts';
import { type Start, StreamReader } from './stream-reader.ts';

/** The stream of a table, and how to read its records. */
export interface Feed {
  readonly stream: StreamReader;
  readonly entryOf: (change: Change) => Entry | undefined;
}

/**
 * Opens the streams of the ledger and of the uploads.
 *
 * @throws CommandFailure if the deployment has no streams
 */
export async function openFeeds(
  { ledgerTable, uploadTable }: Pick<Deployment, 'ledgerTable' | 'uploadTable'>,
  {
    dynamodb,
    streams,
    start,
    signal,
    wait,
  }: {
    readonly dynamodb: DynamoDBClient;
    readonly streams: DynamoDBStreamsClient;
    readonly start: Start;
    readonly signal: AbortSignal;
    /** Waits before a throttled call is repeated. */
    readonly wait: () => Promise<unknown>;
  },
): Promise<readonly Feed[]> {
  const sources = [
    { table: ledgerTable, entryOf: linkEntry },
    ...(uploadTable === undefined ? [] : [{ table: uploadTable, entryOf: uploadEntry }]),
  ];
  return Promise.all(
    sources.map(async ({ table, entryOf }) => {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table }), {
        abortSignal: signal,
      });
      const arn = Table?.StreamSpecification?.StreamEnabled === true ? Table.LatestStreamArn : undefined;
      if (arn === undefined)
        throw new CommandFailure(
          'notFound',
          `The table ${table} has no stream to watch.`,
          'Set "events": true under "tvm" in cdk.json, and deploy. If you use local mode, restart it.',
        );
      const stream = new StreamReader(streams, { arn, start, signal });
      while (!(await stream.open())) await wait();
      return { stream, entryOf };
    }),
  );
}
