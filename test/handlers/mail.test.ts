import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { TokenRecord } from '../../lambda/domain/records.ts';
import { redeemToken } from '../../lambda/domain/redemption.ts';
import { createMailHandler } from '../../lambda/handlers/mail.ts';
import { createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';
import { putMailedRecord, tokenOf, tokensIn } from '../support/memory-world.ts';
import { email } from '../support/values.ts';

let world: HandlerWorld;
let record: TokenRecord;

beforeEach(async () => {
  world = createHandlerWorld();
  record = await putMailedRecord({ ...world, report: world.telemetry.report });
});

function deliver(bodies: readonly string[], changed: Partial<HandlerWorld> = {}) {
  const handler = createMailHandler({ ...world, ...changed });
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }));
  return handler({ Records });
}

const message = (tokenId: string) => JSON.stringify({ tokenId });

describe('the mail queue', () => {
  test('mails the link once, also when the message is delivered again', async () => {
    expect(await deliver([message(record.tokenId)])).toEqual({ batchItemFailures: [] });
    expect(await deliver([message(record.tokenId)])).toEqual({ batchItemFailures: [] });
    expect(world.mailer.sent).toHaveLength(1);
    const [mail] = world.mailer.sent;
    const token = tokenOf({ ...world, report: world.telemetry.report }, record);
    expect(mail === undefined ? [] : tokensIn(mail)).toEqual([token]);
    expect(world.ledger.later).toMatchObject([{ event: 'mailed' }]);
  });

  test('tells an issuer of a redemption, in the words of a notice and without a token', async () => {
    const told = await putMailedRecord(
      { ...world, report: world.telemetry.report },
      { notify: email('issuer@example.org'), asset: 'told.pdf' },
    );
    const notice = JSON.stringify({ tokenId: told.tokenId, kind: 'notice' });
    await deliver([notice]);
    expect(world.mailer.sent).toEqual([]);
    await redeemToken(
      { ...world, report: world.telemetry.report },
      {
        token: tokenOf({ ...world, report: world.telemetry.report }, told),
        opening: 'confirm',
        sourceAddress: '192.0.2.7',
        userAgent: '',
      },
    );
    expect(await deliver([notice])).toEqual({ batchItemFailures: [] });
    expect(world.mailer.sent).toMatchObject([{ to: 'issuer@example.org', subject: 'told.pdf' }]);
    expect(world.mailer.subjects).toEqual([{ kind: 'notice', tokenId: told.tokenId }]);
    expect(world.ledger.later).toMatchObject([{ event: 'redeemed' }, { event: 'notified' }]);
    await deliver([notice]);
    expect(world.mailer.sent).toHaveLength(1);
    expect(world.telemetry.milestones).toEqual(['MailSent']);
  });

  test.each([
    ['is not JSON', 'nonsense'],
    ['names no token', '{}'],
    ['names what is no id', message('../x')],
    ['is of a kind that there is not', JSON.stringify({ tokenId: '0'.repeat(32), kind: 'poem' })],
    ['says more than it should', JSON.stringify({ tokenId: '0'.repeat(32), token: 'x' })],
  ])('gives a message back alone, for the dead-letter queue, when it %s', async (_name, poison) => {
    expect(await deliver([poison, message(record.tokenId)])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('gives the message back when SES is throttled, and mails it the next time', async () => {
    const error = new Unavailable('mailer', undefined);
    const mailer = faulty(world.mailer, 'send', { lose: 'request', error, times: 1 });
    const failed = await deliver([message(record.tokenId)], { mailer });
    expect(failed.batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
    expect(world.ledger.later).toEqual([]);
    expect((await deliver([message(record.tokenId)], { mailer })).batchItemFailures).toEqual([]);
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('notes a refusal for good in the ledger, and does not try again', async () => {
    world.mailer.refuse('ada@example.org', 'MessageRejected');
    expect((await deliver([message(record.tokenId)])).batchItemFailures).toEqual([]);
    expect(world.ledger.later).toMatchObject([{ event: 'mail-failed', reason: 'MessageRejected' }]);
    expect(world.telemetry.milestones).toEqual(['MailRefused']);
  });

  test('mails nothing for a token that is unknown, ended or expired', async () => {
    await world.store.retire(record.tokenId);
    expect((await deliver([message(record.tokenId)])).batchItemFailures).toEqual([]);
    const late = await putMailedRecord({ ...world, report: world.telemetry.report });
    world.time.advance(900);
    expect((await deliver([message(late.tokenId)])).batchItemFailures).toEqual([]);
    expect(world.mailer.sent).toEqual([]);
  });

  test('logs ids only', async () => {
    await deliver([message(record.tokenId)]);
    const said = JSON.stringify(world.telemetry.lines);
    expect(said).toContain(record.tokenId);
    expect(said).not.toContain('ada@');
    expect(said).not.toContain('tvm_');
  });
});
