import { describe, expect, test } from '@jest/globals';
import { keyEpochOf } from '../../../lambda/domain/key-epoch.ts';
import { mintToken } from '../../../lambda/domain/mint-token.ts';
import { MemoryFileStore } from '../../support/memory-file-store.ts';
import { secondsAt } from '../../support/values.ts';

const request = {
  asset: new MemoryFileStore().offer('report.pdf'),
  issuedBy: 'public',
  open: 'confirm',
  lifetimeSeconds: 900,
} as const;

describe('minting', () => {
  test('makes a record that expires after its lifetime and names the month of its issue', () => {
    const now = secondsAt('2031-05-31T23:59:59Z');
    expect(mintToken(request, now)).toEqual({
      tokenId: expect.stringMatching(/^[0-9a-f]{32}$/),
      asset: request.asset,
      issuedBy: 'public',
      open: 'confirm',
      issuedAt: now,
      keyEpoch: 376,
      expiresAt: now + 900,
    });
  });

  test('names the month of the issue, not of the expiry', () => {
    const now = secondsAt('2031-05-31T23:59:59Z');
    const record = mintToken({ ...request, lifetimeSeconds: 400 * 86_400 }, now);
    expect(record.keyEpoch).toBe(keyEpochOf(now));
  });

  test('draws 128 fresh bits for each record', () => {
    const ids = Array.from(
      { length: 1000 },
      () => mintToken(request, secondsAt('2031-05-17T10:20:30Z')).tokenId,
    );
    expect(new Set(ids).size).toBe(1000);
    for (let position = 0; position < 32; position += 1) {
      expect(new Set(ids.map((id) => id[position])).size).toBe(16);
    }
  });
});
