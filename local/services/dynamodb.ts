import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import dynalite from 'dynalite';
import type { RunningService } from '../loopback-server.ts';
import { type Ask, type Callers, type FrontedService, startFront } from './front.ts';
import { jsonObject, refuseJson, targetOperation } from './json-protocol.ts';

/** The service's own limit of 16 MB for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Where its tables are, for their ARNs. */
export interface TableHome {
  readonly region: string;
  readonly accountId: string;
}

/** Starts a DynamoDB that keeps its tables in a folder: dynalite, which knows neither TTL nor transactions. */
export async function startDynamoDb(
  { port, dataDir, home }: { readonly port: number; readonly dataDir: string; readonly home: TableHome },
  callers: Callers,
): Promise<RunningService> {
  mkdirSync(dataDir, { recursive: true });
  const server = dynalite({ path: dataDir, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const emulator = {
    server,
    // Never cuts a connection: a request broken off would end the process.
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  return startFront(dynamoDb(home), port, emulator, callers);
}

const dynamoDb = ({ region, accountId }: TableHome): FrontedService => ({
  name: 'dynamodb',
  maxBodyBytes: MAX_BODY_BYTES,
  refuse: refuseJson,
  asks: (request, body) =>
    asked(request.headers['x-amz-target'], body, `arn:aws:dynamodb:${region}:${accountId}`),
});

/** One action on each table, or on the index, that a request names. */
function asked(
  target: string | readonly string[] | undefined,
  body: Buffer,
  prefix: string,
): Ask | undefined {
  const operation = targetOperation(target);
  if (operation === '') return undefined;
  const { TableName, IndexName, RequestItems } = jsonObject(body);
  const tables =
    typeof TableName === 'string'
      ? [TableName]
      : Object.keys(typeof RequestItems === 'object' ? { ...RequestItems } : {});
  const suffix = typeof IndexName === 'string' ? `/index/${IndexName}` : '';
  const resources = tables.map(
    (table) => (table.startsWith('arn:') ? table : `${prefix}:table/${table}`) + suffix,
  );
  return { action: `dynamodb:${operation}`, resources: resources.length === 0 ? ['*'] : resources };
}
