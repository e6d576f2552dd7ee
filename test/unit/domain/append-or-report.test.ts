import { expect, test } from '@jest/globals';
import { appendOrReport } from '../../../lambda/domain/ending.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { newTokenId } from '../../../lambda/domain/ids.ts';
import type { LedgerEntry } from '../../../lambda/domain/records.ts';
import { faulty } from '../../support/intercept.ts';
import { BEGINNING, createMemoryWorld } from '../../support/memory-world.ts';
import { assetName } from '../../support/values.ts';

const entry: LedgerEntry = {
  event: 'mailed',
  tokenId: newTokenId('form'),
  at: BEGINNING,
  asset: assetName('report.pdf'),
};

test.each([new Unavailable('ledger', 'throttled'), new TypeError('a defect')])(
  'if the ledger fails with %s, appendOrReport() reports an incident with the cause and does not throw',
  async (error) => {
    const world = createMemoryWorld();
    const causes: unknown[] = [];
    const report: typeof world.report = (incident, cause) => {
      world.report(incident, cause);
      causes.push(cause);
    };
    await appendOrReport(
      { report, ledger: faulty(world.ledger, 'append', { lose: 'request', error }) },
      entry,
    );
    expect(world.incidents).toEqual([{ incident: 'ledger-write-failed', tokenId: entry.tokenId }]);
    expect(causes).toEqual([error]);
  },
);
