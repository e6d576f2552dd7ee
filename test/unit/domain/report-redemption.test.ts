import { beforeEach, describe, expect, test } from '@jest/globals';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { reportRedemption } from '../../../lambda/domain/report-redemption.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';

let world: MemoryWorld;
let record: TokenRecord;
let token: string;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world);
  token = tokenOf(world, record);
});

const redeem = () => redeemToken(world, redeemRequest(token));
const reports = () => world.ledger.entries.filter(({ event }) => event === 'reported');

describe('reporting a redemption that somebody else made', () => {
  test('repeated reports write one ledger entry, with the time of the redemption', async () => {
    const at = world.clock();
    await redeem();
    for (const noted of ['appended', 'known', 'known']) {
      world.time.advance(600);
      const value = { tokenId: record.tokenId, noted };
      expect(await reportRedemption(world, token)).toEqual({ ok: true, value });
    }
    expect(reports()).toEqual([{ event: 'reported', tokenId: record.tokenId, at, asset: 'report.pdf' }]);
  });

  test('a report does not change the receipt', async () => {
    await redeem();
    const before = structuredClone(world.store.receipts);
    await reportRedemption(world, token);
    expect(world.store.receipts).toEqual(before);
  });

  test.each(['live', 'revoked'] as const)(
    'reporting a %s token is refused as token_unknown and writes nothing',
    async (state) => {
      if (state === 'revoked') {
        await revokeToken(world, record.tokenId, {
          by: 'arn:aws:iam::111122223333:role/operator',
          reach: { kind: 'all' },
        });
      }
      expect(await reportRedemption(world, token)).toEqual({ ok: false, error: { code: 'token_unknown' } });
      expect(reports()).toEqual([]);
    },
  );
});
