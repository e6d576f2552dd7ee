import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoLedger } from '../../lambda/adapters/dynamo-ledger.ts';
import type { Event, EventType } from '../../lambda/domain/events/event.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { complaintsOfEvent } from '../support/event-schemas.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';
import { expectStatus, Machine } from '../support/permissions/machine.ts';
import { Uploading } from '../support/permissions/uploading.ts';
import { subscribed } from '../support/subscribed-stack.ts';
import { assetName, tokenId } from '../support/values.ts';

/*
 * Tests the events of the whole journey over HTTP. The network to the bus loses requests and responses. A recipe from
 * the manual subscribes a queue to the bus.
 */
const BOUNCE = readFileSync(new URL('../golden/eventbridge-bounce.json', import.meta.url), 'utf8');
const ASSET = 'report.pdf';

let bus = '';
let calls = 0;
let isDown = false;

/** Lets every second call reach the bus, and loses the responses to half of these calls. */
const decide: Decide = () => {
  calls += 1;
  if (isDown || calls % 2 === 1) return { fate: 'lose-request' };
  return { fate: calls % 4 === 2 ? 'lose-response' : 'pass' };
};

const folder = mkdtempSync(join(tmpdir(), 'tvm-subscribed-'));
const proxy = await startFaultProxy(() => bus, decide);
const machine = new Machine(
  { events: 'true' },
  () => 'never',
  (stack) =>
    subscribed(stack, {
      folder,
      eventsUrl: proxy.url,
      onEvents: (url) => {
        bus = url;
      },
    }),
);
const uploading = new Uploading(machine);
/** The events so far, including duplicates. */
const received: Event[] = [];

beforeAll(async () => {
  await machine.start();
  await machine.offer(ASSET);
});
afterAll(async () => {
  await machine.close();
  await proxy.close();
  rmSync(folder, { recursive: true });
});

/** Reads from the queue until an event of this type arrives for this link or upload. */
async function eventOf(type: EventType, id: string): Promise<Event> {
  const { sqs } = machine.clients;
  const QueueUrl = machine.endpoints.mailQueueUrl.replace(/MailQueue$/, 'Queue');
  return await eventually(async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    for (const { Body = '', ReceiptHandle } of Messages) {
      const { source, detail, ...rest } = JSON.parse(Body) as { source: string; detail: Event };
      expect([source, rest]).toEqual([
        'token-vending-machine',
        expect.objectContaining({ 'detail-type': detail.type }),
      ]);
      received.push(detail);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    return received.find((event) => event.type === type && JSON.stringify(event).includes(id));
  });
}

describe('every step is published as an event', () => {
  test('when a link is issued, mailed, redeemed, and reported', async () => {
    const recipient = `${machine.fresh('person')}@example.org`;
    const response = await expectStatus(machine.issue(ASSET, { recipient }), 201);
    const { links } = (await response.json()) as { links: readonly [{ tokenId: string }] };
    const [{ tokenId: id }] = links;
    expect(await eventOf('link.issued', id)).toMatchObject({ issuer: 'caller', asset: ASSET });
    expect(await eventOf('link.mailed', id)).toMatchObject({ pseudonym: expect.any(String) });
    const token = await machine.tokenMailedTo(recipient);
    await expectStatus(machine.post('/redeem', token), 200);
    const { at } = await eventOf('link.redeemed', id);
    await expectStatus(machine.post('/redeem/report', token), 200);
    const reported = await eventOf('link.reported', id);
    expect(Date.parse(reported.at)).toBeGreaterThanOrEqual(Date.parse(at));
  });

  test('when a link is revoked', async () => {
    const { tokenId: id } = await machine.issued(ASSET);
    await expectStatus(machine.revoke(id), 204);
    expect(await eventOf('link.revoked', id)).toMatchObject({ reason: 'requested' });
  });

  test('when the e-mail for a link bounces, which revokes the link', async () => {
    const id = await machine.mailable(ASSET);
    await machine.handle('bounces', BOUNCE.replace('TOKEN_ID', id));
    expect(await eventOf('link.bounced', id)).toMatchObject({ bounce: 'permanent' });
    expect(await eventOf('link.revoked', id)).toMatchObject({ reason: 'hard-bounce', issuer: 'form' });
  });

  test('when the e-mail for a link fails', async () => {
    const id = tokenId(await machine.mailable(ASSET));
    const entry = { tokenId: id, asset: assetName(ASSET), at: new Date() } as const;
    const ledger = new DynamoLedger(machine.tables, {
      table: machine.endpoints.ledgerTable,
      retentionDays: 1,
    });
    await ledger.append({ ...entry, event: 'mail-failed', reason: 'recipient-not-allowed' });
    expect(await eventOf('link.mail-failed', id)).toMatchObject({ reason: 'recipient-not-allowed' });
  });

  test('when a link has expired and TTL removes its record', async () => {
    const id = await machine.mailable(ASSET);
    await machine.tables.send(
      new UpdateCommand({
        TableName: machine.endpoints.tokenTable,
        Key: { tokenId: id },
        UpdateExpression: 'SET expiresAt = :past',
        // So long ago that no redemption can still be running.
        ExpressionAttributeValues: { ':past': Math.floor(Date.now() / 1000) - 3600 },
      }),
    );
    await machine.local.removeExpired();
    expect(await eventOf('link.expired', id)).toMatchObject({ asset: ASSET });
  });

  test('when an upload is published, rejected, or parked', async () => {
    const published = await uploading.published();
    expect(await eventOf('upload.published', published.uploadId)).toMatchObject({
      objectId: published.objectId,
      by: 'scanner',
    });
    const rejected = await uploading.finalized();
    await uploading.judge(rejected, 'THREATS_FOUND');
    expect(await eventOf('upload.rejected', rejected.uploadId)).toMatchObject({ reason: 'malware' });
    const parked = await uploading.parked();
    expect(await eventOf('upload.parked', parked.uploadId)).toMatchObject({ reason: 'unsupported' });
    await expectStatus(uploading.ask('POST', `/operator/uploads/${parked.uploadId}/release`), 200);
    expect(await eventOf('upload.published', parked.uploadId)).toMatchObject({ by: 'operator' });
  });
});

describe('the bus', () => {
  test('receives only events that match their schemas, and duplicates are identical', () => {
    expect(received.flatMap(complaintsOfEvent)).toEqual([]);
    for (const copies of Map.groupBy(received, ({ id }) => id).values())
      expect(copies).toEqual(copies.map(() => copies[0]));
  });

  test('can be down: links can still be redeemed, and the events arrive once the bus is back up', async () => {
    isDown = true;
    const { tokenId: id, token } = await machine.issued(ASSET);
    await expectStatus(machine.post('/redeem', token), 200);
    const callsBefore = calls;
    await eventually(
      async () => calls,
      (now) => now > callsBefore + 4,
    );
    expect(received.some((event) => 'tokenId' in event && event.tokenId === id)).toBe(false);
    isDown = false;
    await eventOf('link.issued', id);
    await eventOf('link.redeemed', id);
  });
});
