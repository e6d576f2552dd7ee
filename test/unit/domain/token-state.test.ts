import { describe, expect, test } from '@jest/globals';
import { newRedemptionId, newTokenId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { mintToken } from '../../../lambda/domain/mint-token.ts';
import type { Receipt } from '../../../lambda/domain/records.ts';
import { recordUnlessEnded, refusalFor, tokenState } from '../../../lambda/domain/token-state.ts';
import { MemoryFileStore } from '../../support/memory-file-store.ts';
import { keyEpoch, secondsAt } from '../../support/values.ts';

const NOW = secondsAt('2031-05-17T10:20:30Z');
const OPERATOR = 'arn:aws:iam::111122223333:role/operator';

const record = mintToken({
  tokenId: newTokenId('form'),
  asset: new MemoryFileStore().offer('report.pdf'),
  issuedBy: 'public',
  issuedAt: NOW,
  expiresAt: secondsAfter(NOW, 900),
  open: 'confirm',
  delivery: 'redirect',
});
const ended = {
  tokenId: record.tokenId,
  at: secondsAfter(NOW, 5),
  redemptionId: newRedemptionId(),
  asset: record.asset.name,
  issuedBy: record.issuedBy,
  removeAt: secondsAfter(NOW, 86_400),
};
const redeemed: Receipt = { ...ended, kind: 'redeemed', sourceAddress: '192.0.2.7', userAgent: '' };
const revoked: Receipt = { ...ended, kind: 'revoked', revokedBy: OPERATOR };

describe('the state of a token', () => {
  test.each([
    ['live', 'its record exists', { record }, 899],
    ['expired', 'its lifetime is over but its row still exists', { record }, 900],
    ['expired', 'its lifetime is over and its row is gone', {}, 900],
    ['redeemed', 'its receipt says so', { receipt: redeemed }, 10],
    ['redeemed', 'its receipt says so, even though its record exists', { record, receipt: redeemed }, 10],
    ['redeemed', 'its receipt says so, even after its lifetime', { record, receipt: redeemed }, 900],
    ['revoked', 'its receipt says so', { receipt: revoked }, 10],
    ['revoked', 'its receipt says so, even though its record exists', { record, receipt: revoked }, 10],
  ] as const)('a token is %s if %s', (state, _, found, elapsed) => {
    expect(tokenState(found, secondsAfter(NOW, elapsed))).toBe(state);
  });
});

describe('the record that can be redeemed', () => {
  test('a record that was restored after its token ended cannot be redeemed', () => {
    expect(recordUnlessEnded(record, { record, receipt: revoked })).toEqual({
      ok: false,
      error: refusalFor(revoked),
    });
  });

  test("a genuine token is unknown if its expiry or key epoch differs from its record's", () => {
    const unknown = { ok: false, error: { code: 'token_unknown' } };
    const later = { ...record, expiresAt: secondsAfter(record.expiresAt, 1) };
    expect(recordUnlessEnded(later, { record })).toEqual(unknown);
    expect(recordUnlessEnded({ ...record, keyEpoch: keyEpoch(record.keyEpoch + 1) }, { record })).toEqual(
      unknown,
    );
  });
});

describe('the refusal that follows from a receipt', () => {
  test('a refusal says when the token ended, and whether the link can be renewed', () => {
    expect(refusalFor(redeemed)).toEqual({ code: 'token_redeemed', at: ended.at, renewal: 'offered' });
    expect(refusalFor({ ...redeemed, tokenId: newTokenId('api') })).toMatchObject({ renewal: 'none' });
    expect(refusalFor(revoked)).toEqual({ code: 'token_revoked', at: ended.at });
  });
});
