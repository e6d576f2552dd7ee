import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import createDynalite from 'dynalite';
import { openJournal } from '../dynamodb/journal.ts';
import { isOnItems, permissionsOnItems } from '../dynamodb/required-permissions.ts';
import { StreamedWrites } from '../dynamodb/streamed-writes.ts';
import { answerStreamsCall, DYNAMODB_STREAMS, streamArnIn } from '../dynamodb/streams-api.ts';
import { DYNAMODB, KnownTables } from '../dynamodb/table-keys.ts';
import { STREAM_LABEL, TableStreams } from '../dynamodb/table-streams.ts';
import type { RunningService } from '../loopback-server.ts';
import { type Callers, type ProxiedService, startAuthProxy } from './auth-proxy.ts';
import {
  callEmulator,
  inside,
  jsonError,
  jsonResponse,
  type Upstream,
  type UpstreamResponse,
} from './emulator.ts';
import { jsonObject, refuseJson, targetOperation } from './json-protocol.ts';

/** DynamoDB's limit of 16 MB for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Milliseconds between deletions of expired items. DynamoDB itself takes up to a few days. */
const TTL_SWEEP_MS = 30_000;

/** The region and account in table ARNs. */
export interface TableHome {
  readonly region: string;
  readonly accountId: string;
}

export interface RunningDynamoDb extends RunningService {
  readonly streams: TableStreams;
  /** Deletes expired items from tables that have a stream, and resolves to the number of deleted items. */
  removeExpired(): Promise<number>;
}

/**
 * Starts a local DynamoDB with DynamoDB Streams. It is based on dynalite, which has no streams, TTL, or transactions.
 * Tables are in memory, and a journal in `dataDir` restores them after a restart, because dynalite's own storage is
 * several times slower.
 */
export async function startDynamoDb(
  { port, dataDir, home }: { readonly port: number; readonly dataDir: string; readonly home: TableHome },
  callers: Callers,
): Promise<RunningDynamoDb> {
  mkdirSync(dataDir, { recursive: true });
  const { clock } = callers;
  const dynalite = inside(createDynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
  const call = (operation: string, input: string) =>
    callEmulator(dynalite, `${DYNAMODB}.${operation}`, input);
  const tables = new KnownTables();
  const streams = new TableStreams(join(dataDir, 'streams'), clock, tableArn(home));
  const journal = await openJournal(join(dataDir, 'journal'), call, (changes) => streams.restore(changes));
  const writes = new StreamedWrites({
    dynalite,
    streams,
    tables,
    region: home.region,
    noted: ({ headers, body }, changes) =>
      journal.add(targetOperation(headers['x-amz-target']), body, changes),
  });
  const keySchemaOf = async (TableName: string): Promise<unknown> =>
    tableIn(await call('DescribeTable', JSON.stringify({ TableName })))?.KeySchema;
  const send: Upstream = async (request) => {
    const target = request.headers['x-amz-target'];
    const operation = targetOperation(target);
    if (!isForStreams(target)) {
      const response = await writes.carryOut(request);
      return operation === 'DescribeTable' ? withStream(response, streams) : response;
    }
    const input = jsonObject(request.body);
    const outcome = await answerStreamsCall(operation, input, streams, { clock, keySchemaOf });
    if (outcome.ok) return jsonResponse(200, outcome.output);
    return jsonError(outcome.error);
  };
  let sweep: Promise<unknown> = Promise.resolve();
  const removeExpired = () => writes.removeExpired(clock());
  const sweeps = setInterval(() => {
    sweep = sweep.then(removeExpired);
  }, TTL_SWEEP_MS).unref();
  const close = async () => {
    clearInterval(sweeps);
    await sweep;
    streams.close();
    journal.close();
  };
  return {
    ...(await startAuthProxy(dynamoDb(home, tables), port, { send, close }, callers)),
    streams,
    removeExpired,
  };
}

const tableArn =
  ({ region, accountId }: TableHome) =>
  (table: string): string =>
    table.startsWith('arn:') ? table : `arn:aws:dynamodb:${region}:${accountId}:table/${table}`;

const isForStreams = (target: string | readonly string[] | undefined): boolean =>
  typeof target === 'string' && target.startsWith(`${DYNAMODB_STREAMS}.`);

function dynamoDb(home: TableHome, tables: KnownTables): ProxiedService {
  const arnOf = tableArn(home);
  return {
    name: 'dynamodb',
    region: home.region,
    maxBodyBytes: MAX_BODY_BYTES,
    refuse: refuseJson,
    requiredPermissions: (request, body, upstream) => {
      const target = request.headers['x-amz-target'];
      const operation = targetOperation(target);
      if (operation === '') return [];
      const input = jsonObject(body);
      if (isForStreams(target))
        return [{ action: `dynamodb:${operation}`, resource: streamArnIn(operation, input) }];
      if (isOnItems(operation)) {
        const keysOf = (table: string, index: string | undefined) =>
          tables.keysOf(table.replace(/^arn:.*:table\//, ''), index, upstream);
        return permissionsOnItems(operation, input, { tableArn: arnOf, keysOf });
      }
      tables.forget();
      const { TableName } = input;
      const resource = typeof TableName === 'string' ? arnOf(TableName) : '*';
      return [{ action: `dynamodb:${operation}`, resource }];
    },
  };
}

/** Adds a table's stream to a response that describes the table. */
function withStream(response: UpstreamResponse, streams: TableStreams): UpstreamResponse {
  const Table = tableIn(jsonObject(response.rawPayload));
  const stream = streams.of(String(Table?.TableName));
  if (stream === undefined) return response;
  const { arn, view } = stream;
  return jsonResponse(200, {
    Table: {
      ...Table,
      StreamSpecification: { StreamEnabled: true, StreamViewType: view },
      LatestStreamArn: arn,
      LatestStreamLabel: STREAM_LABEL,
    },
  });
}

const tableIn = (described: Readonly<Record<string, unknown>> | undefined) =>
  described?.Table as Readonly<Record<string, unknown>> | undefined;
