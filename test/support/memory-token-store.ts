import { DynamoTokenStore } from '../../lambda/adapters/dynamo-token-store.ts';
import type { TokenId } from '../../lambda/domain/ids.ts';
import type { Receipt, TokenRecord } from '../../lambda/domain/records.ts';
import { MemoryTables } from './dynamo/memory-tables.ts';

/** An in-memory token store: the real adapter on in-memory tables. */
export class MemoryTokenStore extends DynamoTokenStore {
  /** The raw rows, for tests that bypass the port. */
  readonly records: Map<TokenId, TokenRecord>;
  readonly receipts: Map<TokenId, Receipt>;

  constructor() {
    const tables = new MemoryTables({ tokens: 'tokenId', receipts: 'tokenId' });
    super(tables.client(), { tokenTable: 'tokens', receiptTable: 'receipts' });
    this.records = tables.rows('tokens') as Map<TokenId, unknown> as Map<TokenId, TokenRecord>;
    this.receipts = tables.rows('receipts') as Map<TokenId, unknown> as Map<TokenId, Receipt>;
  }
}
