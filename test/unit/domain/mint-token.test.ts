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
  test('minting adds the key epoch to the terms of the link', () => {
    expect(mintToken(request)).toEqual({ ...request, keyEpoch: 376 });
  });

  test('the key epoch of a record is that of its issue, not of its expiry', () => {
    const record = mintToken({ ...request, expiresAt: secondsAfter(NOW, 400 * 86_400) });
    expect(record.keyEpoch).toBe(keyEpochOf(NOW));
  });
});
