import { DynamoSecondChances } from '../../lambda/adapters/dynamo-second-chances.ts';
import type { TokenId } from '../../lambda/domain/ids.ts';
import { MemoryTables } from './dynamo/memory-tables.ts';

/** Creates in-memory second chances: the real adapter on in-memory tables. */
export function memorySecondChances() {
  const tables = new MemoryTables({ quota: 'counter' });
  const rowOf = (tokenId: TokenId) => tables.rows('quota').get(`again/${tokenId}`);
  return { rowOf, rows: tables.rows('quota'), port: new DynamoSecondChances(tables.client(), 'quota') };
}
