import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DynamoLedger } from '../../lambda/adapters/dynamo-ledger.ts';
import { DynamoTokenStore } from '../../lambda/adapters/dynamo-token-store.ts';
import { DynamoUploads } from '../../lambda/adapters/dynamo-uploads.ts';
import type { Event } from '../../lambda/domain/events/event.ts';
import { eventOf } from '../../lambda/domain/events/event-of.ts';
import {
  type CallerId,
  type LinkId,
  newRedemptionId,
  newTokenId,
  newUploadId,
  type Pseudonym,
  type RedemptionId,
  secondsAfter,
  type Tenant,
} from '../../lambda/domain/ids.ts';
import {
  DELIVERIES,
  type Issuer,
  type LedgerEntry,
  type Receipt,
  type TokenRecord,
} from '../../lambda/domain/records.ts';
import { type Fact, after as upon } from '../../lambda/domain/uploads/states.ts';
import { assetOf, objectOf, type Upload } from '../../lambda/domain/uploads/upload.ts';
import { readChange, type StreamedTable } from '../../lambda/handlers/read-change.ts';
import { documentClient, MemoryTables } from '../support/dynamo/memory-tables.ts';
import { complaintsOfEvent } from '../support/event-schemas.ts';
import { type StreamRecord, streamRecord, TTL } from '../support/stream-records.ts';
import { uploadAt } from '../support/uploads.ts';
import { assetName, email, keyEpoch, secondsAt } from '../support/values.ts';

const NOW = new Date('2031-05-17T10:20:30.456Z');
const SECRET = ['ada@example.org', '203.0.113.7', 'Mozilla/5.0', 'for the audit', 'user-4711', 'uploads/'];

/** Returns the stream records for what the deployed adapters write. */
async function recordsOf(
  write: (stores: {
    readonly tokens: DynamoTokenStore;
    readonly ledger: DynamoLedger;
    readonly uploads: DynamoUploads;
  }) => Promise<unknown>,
): Promise<readonly (readonly [StreamedTable, StreamRecord])[]> {
  const records: (readonly [StreamedTable, StreamRecord])[] = [];
  const tables = new MemoryTables({
    tokens: 'tokenId',
    receipts: 'tokenId',
    ledger: 'timeEvent',
    uploads: 'uploadId',
  });
  const client = documentClient(async (command) =>
    tables.execute(command, (applied) => {
      const record = streamRecord(applied, { at: NOW, sequenceNumber: records.length });
      records.push([applied.table as StreamedTable, record]);
    }),
  );
  await write({
    tokens: new DynamoTokenStore(client, { tokenTable: 'tokens', receiptTable: 'receipts' }),
    ledger: new DynamoLedger(client, { table: 'ledger', retentionDays: 365 }),
    uploads: new DynamoUploads(client, { table: 'uploads', retentionDays: 365 }),
  });
  return records;
}

const eventsOf = (records: readonly (readonly [StreamedTable, StreamRecord])[]): readonly Event[] =>
  records.flatMap(([table, record]) => {
    const change = readChange(table, record);
    return change === undefined ? [] : [eventOf(change)];
  });

const assets = fc.oneof(
  fc.constantFrom('report.pdf', '2026/Bericht über Öl.pdf', 'private/plan.docx').map(assetName),
  fc.constant(0).map(() => assetOf(objectOf(newUploadId()))),
);
const issuers = fc.oneof(
  fc.constant({ issuedBy: 'public' as const }),
  fc.constantFrom('AROAREPORTSEXAMPLE123', 'AIDAADAEXAMPLE1234567', '111122223333').map((id) => ({
    issuedBy: 'arn:aws:sts::111122223333:assumed-role/reports' as Issuer,
    callerId: id as CallerId,
  })),
);
const pseudonyms = fc.constant('00112233445566778899aabbccddeeff' as Pseudonym);
const entries = fc.record({ asset: assets, pseudonym: pseudonyms }, { requiredKeys: ['asset'] });

const tokenRecords = fc
  .record({
    asset: assets,
    issuer: issuers,
    open: fc.constantFrom('confirm' as const, 'direct' as const),
    delivery: fc.constantFrom(...DELIVERIES),
    size: fc.integer({ min: 0, max: 5 * 1024 ** 4 }),
    seconds: fc.integer({ min: 60, max: 400 * 86_400 }),
    pseudonym: pseudonyms,
  })
  .map(
    ({ asset: name, issuer, open, delivery, size, seconds, pseudonym }): TokenRecord => ({
      tokenId: newTokenId('api'),
      asset: { name, key: `uploads/${name}`, versionId: 'v1', fileName: 'f', type: 'text/plain', size },
      ...issuer,
      issuedAt: secondsAt('2031-05-17T10:20:30Z'),
      keyEpoch: keyEpoch(376),
      expiresAt: secondsAfter(secondsAt('2031-05-17T10:20:30Z'), seconds),
      open,
      delivery,
      recipient: { address: email('ada@example.org'), pseudonym },
    }),
  );

const receipts = fc
  .record({ record: tokenRecords, redemptionId: fc.uuid(), ending: fc.integer({ min: 0, max: 3 }) })
  .map(({ record: { tokenId, asset, issuedBy, callerId }, redemptionId, ending }): Receipt => {
    const shared = {
      tokenId,
      at: secondsAt('2031-05-17T10:21:00Z'),
      redemptionId: redemptionId as RedemptionId,
      asset: asset.name,
      issuedBy,
      ...(callerId && { callerId }),
      removeAt: secondsAt('2033-01-01T00:00:00Z'),
    };
    const revokers = ['hard-bounce', 'public', 'arn:aws:iam::111122223333:user/ada'] as const;
    const revokedBy = revokers[ending];
    return revokedBy === undefined
      ? { ...shared, kind: 'redeemed', sourceAddress: '203.0.113.7', userAgent: 'Mozilla/5.0' }
      : { ...shared, kind: 'revoked', revokedBy };
  });

const ledgerEntries = fc
  .record({
    about: entries,
    event: fc.constantFrom(
      { event: 'mailed' } as const,
      { event: 'mail-failed', reason: 'recipient-not-allowed' } as const,
      { event: 'mail-failed', reason: 'MailFromDomainNotVerifiedException' } as const,
      { event: 'bounced', bounce: 'permanent' } as const,
      { event: 'bounced', bounce: 'transient' } as const,
      { event: 'reported' } as const,
      { event: 'reissued', redemptionId: newRedemptionId() } as const,
    ),
  })
  .map(({ about, event }) => ({ tokenId: newTokenId('form'), at: NOW, ...about, ...event }) as LedgerEntry);

const facts: fc.Arbitrary<Fact> = fc.oneof(
  fc.constantFrom<Fact>(
    { kind: 'arrived' },
    { kind: 'checked', version: { versionId: 'v1', eTag: 'e' } },
    { kind: 'unanswered' },
    { kind: 'released', by: 'user-4711', versionId: 'v1' },
    { kind: 'refused', by: 'user-4711' },
    { kind: 'cancelled' },
    { kind: 'timed-out' },
  ),
  fc
    .constantFrom('type_mismatch' as const, 'size_mismatch' as const, 'checksum_mismatch' as const)
    .map((reason): Fact => ({ kind: 'mismatched', reason })),
  fc
    .constantFrom('clean', 'threats', 'unsupported', 'access_denied', 'failed')
    .map((result) => ({ kind: 'verdict', versionId: 'v1', result }) as Fact),
);

const tenants = fc.constantFrom('iam:AROAREPORTSEXAMPLE123' as Tenant, 'oidc:user-4711' as Tenant);

/** The successive revisions of one upload. */
const lives = fc
  .record({
    tenant: tenants,
    linkId: fc.option(fc.constant('e0112233445566778899aabbccddeeff' as LinkId), { nil: undefined }),
    happening: fc.array(facts, { minLength: 1, maxLength: 6 }),
  })
  .map(({ tenant, linkId, happening }): readonly Upload[] => {
    const first: Upload = { ...uploadAt(NOW), tenant, ...(linkId && { linkId }) };
    const life = [first];
    for (const fact of happening) life.push(...[upon(life.at(-1) ?? first, fact, NOW) ?? []].flat());
    return life;
  });

async function expectEvents(types: readonly string[], records: Awaited<ReturnType<typeof recordsOf>>) {
  const events = eventsOf(records);
  expect(events.map(({ type }) => type)).toEqual(types);
  expect(events.flatMap(complaintsOfEvent)).toEqual([]);
  const told = JSON.stringify(events);
  expect(SECRET.filter((text) => told.includes(text))).toEqual([]);
  expect(eventsOf(records)).toEqual(events);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
}

describe('events', () => {
  test('report every record that is written, and its removal by TTL', async () => {
    await fc.assert(
      fc.asyncProperty(tokenRecords, async (record) => {
        const [put] = await recordsOf(({ tokens }) => tokens.put(record));
        const removed = streamRecord(
          { table: 'tokens', before: { ...record }, after: undefined },
          { at: NOW, sequenceNumber: 1, by: TTL },
        );
        expect(put).toBeDefined();
        await expectEvents(['link.issued', 'link.expired'], [...(put ? [put] : []), ['tokens', removed]]);
      }),
    );
  });

  test('report every receipt', async () => {
    await fc.assert(
      fc.asyncProperty(receipts, async (receipt) => {
        await expectEvents([`link.${receipt.kind}`], await recordsOf(({ tokens }) => tokens.settle(receipt)));
      }),
    );
  });

  test('report every e-mail, failed e-mail, bounce, report, and reissue that the ledger records', async () => {
    await fc.assert(
      fc.asyncProperty(ledgerEntries, async (entry) => {
        await expectEvents([`link.${entry.event}`], await recordsOf(({ ledger }) => ledger.append(entry)));
      }),
    );
  });

  test('report every step by which an upload is published, rejected, or parked, and no other step', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const records = await recordsOf(async ({ uploads }) => {
          for (const [index, upload] of life.entries()) {
            const before = life[index - 1];
            await (before === undefined ? uploads.open(upload) : uploads.change(before, upload));
          }
        });
        const decided = life.filter(({ state }, index) => {
          const before = life[index - 1];
          return /published|rejected|parked/.test(state) && before?.state !== state;
        });
        await expectEvents(
          decided.map(({ state }) => `upload.${state}`),
          records,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('do not report that a function removed a record, because they report the receipt instead', () => {
    const record = streamRecord(
      { table: 'tokens', before: { tokenId: newTokenId('api') }, after: undefined },
      { at: NOW, sequenceNumber: 1 },
    );
    expect(readChange('tokens', record)).toBeUndefined();
  });
});
