import { expect, test } from '@jest/globals';
import { newTokenId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { mintToken } from '../../../lambda/domain/mint-token.ts';
import { MemoryFileStore } from '../../support/memory-file-store.ts';
import { secondsAt } from '../../support/values.ts';

/** The last second of month 376, so that the token expires in month 377. */
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

test('minting adds the key epoch of the issue, not of the expiry, to the terms of the link', () => {
  expect(mintToken(request)).toEqual({ ...request, keyEpoch: 376 });
});
