import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { issuedEntry } from '../../lambda/domain/issued-entry.ts';
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
  record = await putMailedRecord({ ...world, report: world.telemetry.report });
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

const noted = () => world.ledger.entries.slice(1);

describe('the bounce queue', () => {
  test('notes a bounce as EventBridge tells it, and revokes the token of one for good', async () => {
    expect(await deliver([bounce])).toEqual({ batchItemFailures: [] });
    expect(noted()).toMatchObject([
      { event: 'bounced', bounce: 'permanent', at: new Date('2031-05-17T10:21:02.669Z') },
      { event: 'revoked' },
    ]);
    expect(world.telemetry.milestones).toEqual(['MailBounced']);
  });

  test.each(['Transient', 'Undetermined'])('revokes nothing for a bounce that is %s', async (bounceType) => {
    await deliver([bounce.replace('"Permanent"', `"${bounceType}"`)]);
    expect(noted()).toMatchObject([{ event: 'bounced', bounce: 'transient' }]);
    expect(world.store.receipts.size).toBe(0);
  });

  test('notes a complaint', async () => {
    expect(await deliver([complaint()])).toEqual({ batchItemFailures: [] });
    expect(noted()).toMatchObject([{ event: 'complained' }]);
    expect(world.telemetry.milestones).toEqual(['MailComplained']);
  });

  test('says nothing of a link when it was the issuer’s notice that came back', async () => {
    const notice = bounce.replace(/"tokenId": \[/, '"noticeOf": [');
    expect(await deliver([notice, notice])).toEqual({ batchItemFailures: [] });
    expect(noted()).toEqual([]);
    expect(world.store.receipts.size).toBe(0);
    expect(world.telemetry.lines).toMatchObject([
      { outcome: 'notice-returned', tokenId: record.tokenId },
      { outcome: 'notice-returned' },
    ]);
  });

  test.each<[string, (event: string) => string]>([
    ['is not JSON', () => 'nonsense'],
    ['is another event', (event) => event.replace('"eventType": "Bounce"', '"eventType": "Click"')],
    ['names no token', (event) => event.replace(/"tokenId": \[[^\]]*\]/, '"other": ["x"]')],
    ['names what is no id', (event) => event.replace(record.tokenId, '../x')],
    ['says no time', (event) => event.replace('2031-05-17T10:21:02.669Z', 'yesterday')],
  ])('gives a message back alone, for the dead-letter queue, when it %s', async (_name, spoil) => {
    expect(await deliver([spoil(bounce), bounce])).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(noted()[0]).toMatchObject({ event: 'bounced' });
  });

  test('logs ids only', async () => {
    await deliver([bounce, complaint(), bounce.replace('"Bounce"', '"Click"')]);
    const said = JSON.stringify(world.telemetry);
    expect(said).toContain(record.tokenId);
    expect(said).not.toMatch(/ada@|report\.pdf|files@/);
  });
});
