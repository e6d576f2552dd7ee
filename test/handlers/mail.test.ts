import { beforeEach, describe, expect, test } from '@jest/globals';
import { redeemToken } from '../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { TokenRecord } from '../../lambda/domain/records.ts';
import { createMailHandler } from '../../lambda/handlers/mail.ts';
import { createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';
import { putMailedRecord, tokenOf, tokensIn } from '../support/memory-world.ts';
import { redeemRequest } from '../support/redeem-request.ts';
import { email } from '../support/values.ts';

let world: HandlerWorld;
let record: TokenRecord;

beforeEach(async () => {
  world = createHandlerWorld();
  record = await putMailedRecord(world);
});

function deliver(bodies: readonly string[], changed: Partial<HandlerWorld> = {}) {
  const handler = createMailHandler({ ...world, ...changed });
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }));
  return handler({ Records });
}

const message = (tokenId: string) => JSON.stringify({ tokenId });

describe('the mail queue', () => {
  test('a link is mailed once, even if its message is delivered twice', async () => {
    expect(await deliver([message(record.tokenId)])).toEqual({ batchItemFailures: [] });
    expect(await deliver([message(record.tokenId)])).toEqual({ batchItemFailures: [] });
    expect(world.mailer.sent).toHaveLength(1);
    const [mail] = world.mailer.sent;
    const token = tokenOf(world, record);
    expect(mail === undefined ? [] : tokensIn(mail)).toEqual([token]);
    expect(world.ledger.later).toMatchObject([{ event: 'mailed' }]);
  });

  test('a notice is mailed once, and only after the redemption', async () => {
    const link = await putMailedRecord(world, { notify: email('issuer@example.org'), asset: 'other.pdf' });
    const notice = JSON.stringify({ tokenId: link.tokenId, kind: 'notice' });
    await deliver([notice]);
    expect(world.mailer.sent).toEqual([]);
    await redeemToken(world, redeemRequest(tokenOf(world, link)));
    expect(await deliver([notice])).toEqual({ batchItemFailures: [] });
    expect(world.mailer.sent).toMatchObject([{ to: 'issuer@example.org', subject: 'other.pdf' }]);
    expect(world.mailer.subjects).toEqual([{ kind: 'notice', tokenId: link.tokenId }]);
    expect(world.ledger.later).toMatchObject([{ event: 'redeemed' }, { event: 'notified' }]);
    await deliver([notice]);
    expect(world.mailer.sent).toHaveLength(1);
    expect(world.telemetry.milestones).toEqual(['MailSent']);
  });

  test('a reminder mails the same link again, and is counted as an e-mail', async () => {
    const owned = await putMailedRecord(world, { open: 'confirm', lifetimeSeconds: 200_000 });
    await deliver([message(owned.tokenId)]);
    world.time.advance(86_400);
    await deliver([JSON.stringify({ tokenId: owned.tokenId, kind: 'reminder' })]);
    const [first, second] = world.mailer.sent.map(tokensIn);
    expect(second).toEqual(first);
    expect(world.telemetry.milestones).toEqual(['MailSent', 'MailSent']);
  });

  test.each([
    ['is not JSON', 'nonsense'],
    ['has no token ID', '{}'],
    ['has an invalid token ID', message('../x')],
    ['is of an unknown kind', JSON.stringify({ tokenId: '0'.repeat(32), kind: 'poem' })],
    ['has an unknown field', JSON.stringify({ tokenId: '0'.repeat(32), token: 'x' })],
  ])('a message that %s returns to the queue, and the rest of its batch is mailed', async (_name, poison) => {
    expect(await deliver([poison, message(record.tokenId)])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('a message returns to the queue if SES throttles, and the next delivery mails it', async () => {
    const error = new Unavailable('mailer', undefined);
    const mailer = faulty(world.mailer, 'send', { lose: 'request', error, times: 1 });
    const failed = await deliver([message(record.tokenId)], { mailer });
    expect(failed.batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
    expect(world.ledger.later).toEqual([]);
    expect((await deliver([message(record.tokenId)], { mailer })).batchItemFailures).toEqual([]);
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('one of two simultaneous messages about an API link returns to the queue', async () => {
    const owned = await putMailedRecord(world, { open: 'confirm', lifetimeSeconds: 900 });
    const both = await Promise.all([deliver([message(owned.tokenId)]), deliver([message(owned.tokenId)])]);
    expect(both.map(({ batchItemFailures }) => batchItemFailures.length)).toEqual([0, 1]);
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('an e-mail that SES refuses permanently is recorded as failed and not retried', async () => {
    world.mailer.refuse('ada@example.org', 'MessageRejected');
    expect((await deliver([message(record.tokenId)])).batchItemFailures).toEqual([]);
    expect(world.ledger.later).toMatchObject([{ event: 'mail-failed', reason: 'MessageRejected' }]);
    expect(world.telemetry.milestones).toEqual(['MailRefused']);
  });

  test('the log of an e-mail contains neither the address nor the token', async () => {
    await deliver([message(record.tokenId)]);
    const logged = JSON.stringify(world.telemetry.lines);
    expect(logged).toContain(record.tokenId);
    expect(logged).not.toContain('ada@');
    expect(logged).not.toContain('tvm_');
  });
});
