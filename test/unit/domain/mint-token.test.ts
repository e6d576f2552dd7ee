import { describe, expect, test } from '@jest/globals';
import { newTokenId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { keyEpochOf } from '../../../lambda/domain/key-epoch.ts';
import { mintToken } from '../../../lambda/domain/mint-token.ts';
import { MemoryFileStore } from '../../support/memory-file-store.ts';
import { secondsAt } from '../../support/values.ts';

const NOW = secondsAt('2031-05-31T23:59:59Z');

const request = {
  tokenId: newTokenId('form'),
  asset: new MemoryFileStore().offer('report.pdf'),
  issuedBy: 'public',
  issuedAt: NOW,
  expiresAt: secondsAfter(NOW, 900),
  open: 'confirm',
  delivery: 'redirect',
} as const;

describe('minting', () => {
  test('makes a record of what was decided, which names the month of its issue', () => {
    expect(mintToken(request)).toEqual({ ...request, keyEpoch: 376 });
  });

  test('names the month of the issue, not of the expiry', () => {
    const record = mintToken({ ...request, expiresAt: secondsAfter(NOW, 400 * 86_400) });
    expect(record.keyEpoch).toBe(keyEpochOf(NOW));
  });
});
