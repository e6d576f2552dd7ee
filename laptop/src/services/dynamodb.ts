import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import createDynalite from 'dynalite';
import { asksOnItems, isOnItems } from '../dynamodb/asks.ts';
import { openJournal } from '../dynamodb/journal.ts';
import { DYNAMODB, KnownTables } from '../dynamodb/table-keys.ts';
import type { RunningService } from '../loopback-server.ts';
import { type Callers, type ProxiedService, startAuthProxy } from './auth-proxy.ts';
import { callEmulator, inside, type Upstream } from './emulator.ts';
import { jsonObject, refuseJson, targetOperation } from './json-protocol.ts';

/** The service's own limit of 16 MB for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The parts of the ARNs of tables. */
export interface TableHome {
  readonly region: string;
  readonly accountId: string;
}

/**
 * Starts a DynamoDB. It is dynalite, which has neither TTL nor transactions. Its tables are in memory, and a journal in
 * the folder keeps them across restarts: dynalite's own storage takes several times as long for each request.
 */
export async function startDynamoDb(
  { port, dataDir, home }: { readonly port: number; readonly dataDir: string; readonly home: TableHome },
  callers: Callers,
): Promise<RunningService> {
  mkdirSync(dataDir, { recursive: true });
  const dynalite = inside(createDynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
  const journal = await openJournal(join(dataDir, 'journal'), (operation, input) =>
    callEmulator(dynalite, `${DYNAMODB}.${operation}`, input),
  );
  const ask: Upstream = async (request) => {
    const answer = await dynalite(request);
    if (answer.statusCode === 200)
      journal.add(targetOperation(request.headers['x-amz-target']), request.body);
    return answer;
  };
  return startAuthProxy(dynamoDb(home), port, { ask, close: async () => journal.close() }, callers);
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
