import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { issuedEntry } from '../../lambda/domain/mint-token.ts';
import type { TokenRecord } from '../../lambda/domain/records.ts';
import { createBouncesHandler } from '../../lambda/handlers/bounces.ts';
import { createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { putMailedRecord } from '../support/memory-world.ts';

const GOLDEN = readFileSync(new URL('../golden/eventbridge-bounce.json', import.meta.url), 'utf8');

let world: HandlerWorld;
let record: TokenRecord;
let bounce: string;

beforeEach(async () => {
  world = createHandlerWorld();
  record = await putMailedRecord(world);
  await world.ledger.append(issuedEntry(record, world.clock()));
  bounce = GOLDEN.replace('TOKEN_ID', record.tokenId);
});

function deliver(bodies: readonly string[]) {
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }));
  return createBouncesHandler(world)({ Records });
}

const complaint = () =>
  bounce
    .replace('"eventType": "Bounce"', '"eventType": "Complaint"')
    .replace('"bounce": {', '"complaint": {');

const recorded = () => world.ledger.entries.slice(1);

describe('the bounce queue', () => {
  test('a permanent bounce is recorded and revokes its token', async () => {
    expect(await deliver([bounce])).toEqual({ batchItemFailures: [] });
    expect(recorded()).toMatchObject([
      { event: 'bounced', bounce: 'permanent', at: new Date('2031-05-17T10:21:02.669Z') },
      { event: 'revoked' },
    ]);
    expect(world.telemetry.milestones).toEqual(['MailBounced']);
  });

  test.each(['Transient', 'Undetermined'])(
    'a bounce of type %s is recorded as transient and revokes nothing',
    async (bounceType) => {
      await deliver([bounce.replace('"Permanent"', `"${bounceType}"`)]);
      expect(recorded()).toMatchObject([{ event: 'bounced', bounce: 'transient' }]);
      expect(world.store.receipts.size).toBe(0);
    },
  );

  test('a complaint is recorded', async () => {
    expect(await deliver([complaint()])).toEqual({ batchItemFailures: [] });
    expect(recorded()).toMatchObject([{ event: 'complained' }]);
    expect(world.telemetry.milestones).toEqual(['MailComplained']);
  });

  test('a bounced notice is logged and does not revoke the link', async () => {
    const notice = bounce.replace(/"tokenId": \[/, '"noticeOf": [');
    expect(await deliver([notice, notice])).toEqual({ batchItemFailures: [] });
    expect(recorded()).toEqual([]);
    expect(world.store.receipts.size).toBe(0);
    expect(world.telemetry.lines).toMatchObject([
      { outcome: 'notice-returned', tokenId: record.tokenId },
      { outcome: 'notice-returned' },
    ]);
  });

  test.each<[string, (event: string) => string]>([
    ['is not JSON', () => 'nonsense'],
    ['reports another event', (event) => event.replace('"eventType": "Bounce"', '"eventType": "Click"')],
    ['has no token ID', (event) => event.replace(/"tokenId": \[[^\]]*\]/, '"other": ["x"]')],
    ['has an invalid token ID', (event) => event.replace(record.tokenId, '../x')],
    ['has an invalid time', (event) => event.replace('2031-05-17T10:21:02.669Z', 'yesterday')],
  ])(
    'a message that %s returns to the queue, and the rest of its batch is recorded',
    async (_name, spoil) => {
      expect(await deliver([spoil(bounce), bounce])).toEqual({
        batchItemFailures: [{ itemIdentifier: 'm0' }],
      });
      expect(recorded()[0]).toMatchObject({ event: 'bounced' });
    },
  );

  test('the log line of a bounce contains neither addresses nor file names', async () => {
    await deliver([bounce, complaint(), bounce.replace('"Bounce"', '"Click"')]);
    const logged = JSON.stringify(world.telemetry);
    expect(logged).toContain(record.tokenId);
    expect(logged).not.toMatch(/ada@|report\.pdf|files@/);
  });
});
