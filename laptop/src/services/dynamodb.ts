import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import dynalite from 'dynalite';
import { asksOnItems, isOnItems } from '../dynamodb/asks.ts';
import { KnownTables } from '../dynamodb/table-keys.ts';
import type { RunningService } from '../loopback-server.ts';
import { type Callers, type ProxiedService, startAuthProxy } from './auth-proxy.ts';
import { jsonObject, refuseJson, targetOperation } from './json-protocol.ts';

/** The service's own limit of 16 MB for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The parts of the ARNs of tables. */
export interface TableHome {
  readonly region: string;
  readonly accountId: string;
}

/** Starts a DynamoDB that keeps its tables in a folder. It is dynalite, which has neither TTL nor transactions. */
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
    // Does not cut connections, because dynalite crashes if a request breaks off.
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  return startAuthProxy(dynamoDb(home), port, emulator, callers);
}

function dynamoDb({ region, accountId }: TableHome): ProxiedService {
  const tables = new KnownTables();
  const tableArn = (table: string): string =>
    table.startsWith('arn:') ? table : `arn:aws:dynamodb:${region}:${accountId}:table/${table}`;
  return {
    name: 'dynamodb',
    maxBodyBytes: MAX_BODY_BYTES,
    refuse: refuseJson,
    asks: (request, body, upstream) => {
      const operation = targetOperation(request.headers['x-amz-target']);
      if (operation === '') return [];
      const input = jsonObject(body);
      if (isOnItems(operation)) {
        const keysOf = (table: string, index: string | undefined) =>
          tables.keysOf(table.replace(/^arn:.*:table\//, ''), index, upstream);
        return asksOnItems(operation, input, { tableArn, keysOf });
      }
      tables.forget();
      const { TableName } = input;
      const resource = typeof TableName === 'string' ? tableArn(TableName) : '*';
      return [{ action: `dynamodb:${operation}`, resource }];
    },
  };
}
