import { expect } from '@jest/globals';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import type { MemoryWorld } from '../../support/memory-world.ts';

/** Expects an unchanged record, no receipt, no ledger entry except `issued`, and no open file. */
export function expectNothingSpent({ store, ledger, files }: MemoryWorld, record: TokenRecord): void {
  expect(store.records.get(record.tokenId)).toEqual(record);
  expect(store.receipts.size).toBe(0);
  expect(ledger.later).toEqual([]);
  expect(files.openFiles).toBe(0);
}
