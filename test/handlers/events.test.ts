import { beforeEach, describe, expect, test } from '@jest/globals';
import { DynamoEndings } from '../../lambda/adapters/dynamo-endings.ts';
import { EventBridgeBus } from '../../lambda/adapters/event-bridge-bus.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { LONGEST_RUN_SECONDS } from '../../lambda/domain/lifetime.ts';
import { BACKUP_WINDOW_SECONDS } from '../../lambda/domain/retention.ts';
import { createEventsHandler } from '../../lambda/handlers/events.ts';
import { MemoryTables } from '../support/dynamo/memory-tables.ts';
import { complaintsOfEvent } from '../support/event-schemas.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTelemetry } from '../support/memory-telemetry.ts';
import { BEGINNING } from '../support/memory-world.ts';
import { type StreamRecord, streamRecord, TTL } from '../support/stream-records.ts';
import { secondsAt } from '../support/values.ts';

const EXPIRY = secondsAt('2031-05-17T10:20:00Z');
const DAY_SECONDS = 86_400;

interface Entry {
  readonly DetailType: string;
  readonly Detail: string;
}

/** An event bus that accepts every entry unless a test makes it refuse some or fail the whole call. */
class FakeEventBridge {
  readonly taken: Entry[] = [];
  refuses: (entry: Entry) => boolean = () => false;
  error: Error | undefined;

  async call(_operation: string, input: object) {
    if (this.error !== undefined) throw this.error;
    const { Entries } = input as { readonly Entries: readonly Entry[] };
    return {
      Entries: Entries.map((entry) => {
        if (this.refuses(entry)) return { ErrorCode: 'ThrottlingException' };
        this.taken.push(entry);
        return { EventId: 'e' };
      }),
    };
  }
}

let bridge: FakeEventBridge;
let telemetry: MemoryTelemetry;
let time: ManualClock;
let stored: MemoryTables;

beforeEach(() => {
  bridge = new FakeEventBridge();
  telemetry = new MemoryTelemetry();
  time = new ManualClock(BEGINNING);
  stored = new MemoryTables({ receipts: 'tokenId' });
});

const idOf = (digit: string) => digit.repeat(32);

const line = (digit: string) => ({
  ...{ tokenId: idOf(digit), asset: 'report.pdf', event: 'mailed' },
  timeEvent: '2031-05-17T10:20:00.000Z#mailed',
});

const mailed = (digit: string, sequenceNumber: number): StreamRecord =>
  streamRecord({ table: 'ledger', before: undefined, after: line(digit) }, { at: BEGINNING, sequenceNumber });

const removed = (digit: string, sequenceNumber: number): StreamRecord => {
  const asset = { name: 'report.pdf' };
  const before = { tokenId: idOf(digit), asset, issuedBy: 'public', expiresAt: EXPIRY };
  return streamRecord(
    { table: 'tokens', before, after: undefined },
    { at: BEGINNING, sequenceNumber, by: TTL },
  );
};

const deliver = (...Records: readonly object[]) =>
  createEventsHandler({
    clock: time.read,
    bus: new EventBridgeBus(bridge, 'bus'),
    endings: new DynamoEndings(stored.client(), 'receipts'),
    telemetry,
    tables: { tokens: 'tokens', receipts: 'receipts', ledger: 'ledger', uploads: 'uploads' },
  })({ Records });

const ALL = { batchItemFailures: [] };
const from = ({ dynamodb }: StreamRecord) => ({
  batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber }],
});
const published = () =>
  bridge.taken.map(({ DetailType, Detail }) => [DetailType, JSON.parse(Detail).tokenId.slice(0, 1)]);

describe('the streams', () => {
  test('the changes in a batch become events from our source, in order', async () => {
    expect(await deliver(mailed('a', 1), mailed('b', 2))).toEqual(ALL);
    expect(published()).toEqual([
      ['link.mailed', 'a'],
      ['link.mailed', 'b'],
    ]);
    expect(bridge.taken[0]).toMatchObject({
      EventBusName: 'bus',
      Source: 'token-vending-machine',
      Time: EXPIRY,
    });
    expect(telemetry.lines).toMatchObject([{ route: 'change streams', outcome: 'told' }]);
  });

  test('events about a collection contain the file count, and those about its files name the collection', async () => {
    const row = {
      asset: { name: 'report.pdf', size: 1 },
      ...{ issuedBy: 'arn:aws:iam::111122223333:role/a', open: 'confirm', delivery: 'redirect' },
      ...{ issuedAt: EXPIRY - 1, expiresAt: EXPIRY },
    };
    const put = (after: object, sequenceNumber: number) =>
      streamRecord(
        { table: 'tokens', before: undefined, after: { ...row, ...after } },
        { at: BEGINNING, sequenceNumber },
      );
    const files = ['b', 'c'].map((digit) => ({ tokenId: idOf(digit), asset: { name: 'report.pdf' } }));
    expect(
      await deliver(
        put({ tokenId: idOf('b'), collection: idOf('a') }, 1),
        put({ tokenId: idOf('a'), files }, 2),
      ),
    ).toEqual(ALL);
    const details = bridge.taken.map(({ Detail }) => JSON.parse(Detail));
    expect(details).toMatchObject([{ collection: idOf('a') }, { tokenId: idOf('a'), files: 2 }]);
    expect(details[0]).not.toHaveProperty('files');
  });

  test('events about a federated user contain no caller ID, because the name in it could be an address', async () => {
    const callerId = '111122223333:ann@example.org';
    const link = {
      ...{ tokenId: idOf('a'), asset: { name: 'report.pdf', size: 1 }, callerId },
      ...{ issuedBy: 'arn:aws:sts::111122223333:federated-user/ann@example.org', open: 'confirm' },
      ...{ delivery: 'redirect', issuedAt: EXPIRY - 1, expiresAt: EXPIRY },
    };
    const upload = {
      ...{ uploadId: `c${'0'.repeat(31)}`, tenant: `iam:${callerId}`, size: 1, revision: 3 },
      ...{
        changedAt: BEGINNING.toISOString(),
        step: { event: 'published' },
        checksum: { base64: 'AAAAAAAAAAA=' },
      },
    };
    const at = BEGINNING;
    expect(
      await deliver(
        streamRecord({ table: 'tokens', before: undefined, after: link }, { at, sequenceNumber: 1 }),
        streamRecord({ table: 'uploads', before: upload, after: upload }, { at, sequenceNumber: 2 }),
      ),
    ).toEqual(ALL);
    expect(telemetry.incidents).toEqual([]);
    const details = bridge.taken.map(({ Detail }) => JSON.parse(Detail));
    expect(details).toMatchObject([{ type: 'link.issued', issuer: 'caller' }, { type: 'upload.published' }]);
    expect(details.flatMap(complaintsOfEvent)).toEqual([]);
    expect(JSON.stringify(details)).not.toContain('ann@');
  });

  test('an event about a file sent with a form has no size before the file is finalized', async () => {
    const upload = {
      ...{ uploadId: `c${'0'.repeat(31)}`, tenant: 'iam:AROAREPORTSEXAMPLE123', size: 5e9, revision: 2 },
      ...{ changedAt: BEGINNING.toISOString(), step: { event: 'parked' }, reason: 'unsupported' },
      checksum: { kind: 'form', base64: '' },
    };
    const parked = { table: 'uploads', before: upload, after: upload };
    expect(await deliver(streamRecord(parked, { at: BEGINNING, sequenceNumber: 1 }))).toEqual(ALL);
    const details = bridge.taken.map(({ Detail }) => JSON.parse(Detail));
    expect(details).toMatchObject([{ type: 'upload.parked' }]);
    expect(details[0]).not.toHaveProperty('size');
    expect(details.flatMap(complaintsOfEvent)).toEqual([]);
  });

  test('a batch is retried from the first event that the bus refused', async () => {
    bridge.refuses = ({ Detail }) => Detail.includes(idOf('b'));
    const refused = mailed('b', 2);
    expect(await deliver(mailed('a', 1), refused, mailed('c', 3))).toEqual(from(refused));
    expect(telemetry.lines).toMatchObject([{ outcome: 'not-accepted' }]);
  });

  test('a whole batch is retried if it is unknown which events the bus accepted', async () => {
    bridge.error = new Unavailable('event bus', 'no response');
    const first = mailed('a', 1);
    expect(await deliver(first, mailed('b', 2))).toEqual(from(first));
    expect(telemetry.faults).toHaveLength(1);
  });

  test.each([
    ['contains no change', { tokenId: 'nonsense', event: 'mailed' }],
    ['has an impossible date', { ...line('a'), timeEvent: '2031-99-99T99:99:99.999Z#mailed' }],
  ])('a record that %s is reported, and does not block the next one', async (_what, after) => {
    const nonsense = streamRecord(
      { table: 'ledger', before: undefined, after },
      { at: BEGINNING, sequenceNumber: 1 },
    );
    expect(await deliver(nonsense, mailed('b', 2))).toEqual(ALL);
    expect(published()).toEqual([['link.mailed', 'b']]);
    expect(telemetry.incidents).toEqual([
      { incident: 'change-unreadable', sequenceNumber: nonsense.dynamodb.SequenceNumber },
    ]);
  });

  test('a batch without changes causes no call to the bus', async () => {
    bridge.error = new Error('this must not be called');
    expect(await deliver()).toEqual(ALL);
    expect(telemetry.faults).toEqual([]);
  });
});

describe('the removal of a record by TTL', () => {
  test('becomes an expiry event once a receipt can no longer appear', async () => {
    const record = removed('a', 1);
    expect(await deliver(record)).toEqual(from(record));
    expect(telemetry.lines).toMatchObject([{ outcome: 'too-early' }]);
    time.advance(LONGEST_RUN_SECONDS - 1);
    expect(await deliver(record)).toEqual(from(record));
    time.advance(1);
    expect(await deliver(record)).toEqual(ALL);
    expect(published()).toEqual([['link.expired', 'a']]);
  });

  test('causes no event if the link was redeemed or revoked', async () => {
    stored.rows('receipts').set(idOf('a'), { tokenId: idOf('a') });
    time.advance(LONGEST_RUN_SECONDS);
    expect(await deliver(removed('a', 1), removed('b', 2))).toEqual(ALL);
    expect(published()).toEqual([['link.expired', 'b']]);
  });

  test('is reported if it comes so late that the receipt could be gone', async () => {
    time.moveTo(new Date((EXPIRY + BACKUP_WINDOW_SECONDS) * 1000));
    expect(await deliver(removed('a', 1))).toEqual(ALL);
    expect(published()).toEqual([]);
    expect(telemetry.incidents).toEqual([{ incident: 'expiry-unknown', tokenId: idOf('a') }]);
    time.advance(-DAY_SECONDS);
    await deliver(removed('b', 2));
    expect(published()).toEqual([['link.expired', 'b']]);
  });
});
