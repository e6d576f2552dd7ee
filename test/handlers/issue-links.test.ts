import { describe, expect, test } from '@jest/globals';
import type { TokenId } from '../../lambda/domain/ids.ts';
import { isGenuine } from '../../lambda/domain/record-seal.ts';
import { createLinksHandler } from '../../lambda/handlers/links.ts';
import { apiEvent, goldenEvent } from '../../laptop/test/support/api-event.ts';
import { call, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { CALLER, linkCalls, signAs } from './link-calls.ts';

const { world, issue, issueOne, show, redeem } = linkCalls();

describe('POST /links', () => {
  test('by default, a link opens the confirmation page and lives as long as a form link', async () => {
    const response = await issue({ asset: 'report.pdf' });
    expect(response.status).toBe(201);
    const [link] = response.json.links as Record<string, string>[];
    expect(response.json).toEqual({
      links: [
        {
          tokenId: expect.stringMatching(/^[0-9a-f]{32}$/),
          token: expect.stringMatching(/^tvm_[A-Za-z0-9_-]{52}$/),
          url: `${PUBLIC_ORIGIN}/redeem?token=${link?.token}`,
          expiresAt: '2031-05-17T10:35:30Z',
        },
      ],
    });
    expect(world().ledger.entries).toMatchObject([
      { event: 'issued', tokenId: link?.tokenId, issuedBy: CALLER },
    ]);
    expect(world().queue.messages).toEqual([]);
    expect((await redeem(link?.token)).status).toBe(302);
  });

  test('a link that opens directly points to /download', async () => {
    const link = await issueOne({ asset: 'report.pdf', open: 'direct', expiresIn: 34_560_000 });
    expect(link.url).toBe(`${PUBLIC_ORIGIN}/download?token=${link.token}`);
    expect(link.expiresAt).toBe('2032-06-20T10:20:30Z');
  });

  test('the issuer can choose a second chance if the deployment has the option, and the seal covers the choice', async () => {
    for (const secondChance of [true, false]) {
      const { tokenId = '' } = await issueOne({ asset: 'report.pdf', secondChance }, { secondChance: 'on' });
      expect((await show(tokenId)).json).toMatchObject({ secondChance });
      const record = world().store.records.get(tokenId as TokenId);
      if (record === undefined) throw new Error('no record');
      const key = world().keys.derive(record.keyEpoch);
      expect(isGenuine(record, key)).toBe(true);
      expect(isGenuine({ ...record, secondChance: !secondChance }, key)).toBe(false);
      expect((await issue({ asset: 'report.pdf', secondChance })).json).toMatchObject({
        status: 400,
        code: 'invalid_request',
        field: 'secondChance',
      });
    }
  });

  test('a request with a count gets that many links', async () => {
    const { json } = await issue({ asset: 'report.pdf', count: 100 });
    expect(json.links).toHaveLength(100);
  });

  test('a link with a recipient is mailed, and its token is left out of the response with reveal: false', async () => {
    const link = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org', reveal: false });
    expect(Object.keys(link)).toEqual(['tokenId', 'expiresAt']);
    expect(world().queue.messages).toEqual([link.tokenId]);
  });

  test('the name and the message for the recipient are in the record, but in no response', async () => {
    const words = { recipientName: 'Zoë Ünlü', message: 'Bitte bis Freitag prüfen' };
    const link = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org', ...words });
    const record = world().store.records.get(link.tokenId as TokenId);
    expect(record?.recipient).toMatchObject({ name: 'Zoë Ünlü', message: 'Bitte bis Freitag prüfen' });
    const elsewhere = JSON.stringify([world().ledger.entries, link, (await show(link.tokenId ?? '')).json]);
    expect(elsewhere).not.toMatch(/Zoë|Freitag/);
  });

  test('a repeated request gets the same links, whatever the order of its fields', async () => {
    const named = { 'Idempotency-Key': 'k-1' };
    const first = await issue({ asset: 'report.pdf', count: 2, note: 'x' }, named);
    expect(await issue({ note: 'x', count: 2, asset: 'report.pdf' }, named)).toEqual(first);
    expect(await issue({ note: 'x', count: 2, asset: 'report.pdf', open: 'confirm' }, named)).toEqual(first);
    const other = await issue({ asset: 'report.pdf', count: 3, note: 'x' }, named);
    expect(other.json).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  test('an idempotency key is shared by the sessions of a role, but not by two roles', async () => {
    const event = (as: string) => {
      const given = apiEvent('post-links-iam', {
        body: { asset: 'report.pdf' },
        headers: { 'Idempotency-Key': 'k-1' },
      });
      signAs(given, as);
      return given;
    };
    const role = 'arn:aws:sts::111122223333:assumed-role';
    const mine = await call(createLinksHandler(world()), event(`${role}/reports/one-session`));
    const again = await call(createLinksHandler(world()), event(`${role}/reports/another-session`));
    const theirs = await call(createLinksHandler(world()), event(`${role}/invoices/one-session`));
    expect(again.json).toEqual(mine.json);
    expect(theirs.json).not.toEqual(mine.json);
  });

  test.each(['', ' ', 'ä', 'x'.repeat(256)])('the idempotency key "%s" is refused', async (key) => {
    const response = await issue({ asset: 'report.pdf' }, { 'Idempotency-Key': key });
    expect(response.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'Idempotency-Key' });
  });

  test.each<[object, string]>([
    [{ asset: 'report.pdf', expiresIn: 59 }, 'expiresIn'],
    [{ asset: 'report.pdf', expiresIn: 34_560_001 }, 'expiresIn'],
    [{ asset: 'report.pdf', expiresIn: 90.5 }, 'expiresIn'],
    [{ asset: 'report.pdf', expiresIn: '900' }, 'expiresIn'],
    [{ asset: 'report.pdf', open: 'always' }, 'open'],
    [{ asset: '../report.pdf' }, 'asset'],
    [{ asset: 'gated/report.pdf' }, 'asset'],
    [{ asset: '/private/report.pdf' }, 'asset'],
    [{ asset: 'report.pdf', delivery: 'mail' }, 'delivery'],
    [{ asset: 'report.pdf', recipient: 'ada' }, 'recipient'],
    [{ asset: 'report.pdf', recipientName: 'Ada' }, 'recipientName'],
    [{ asset: 'report.pdf', message: 'Hello' }, 'message'],
    [{ asset: 'report.pdf', recipient: 'a@example.org', message: 'a\r\nBcc: b@example.org' }, 'message'],
    [{ asset: 'report.pdf', recipient: 'a@example.org', recipientName: 'a\u202eb' }, 'recipientName'],
    [{ asset: 'report.pdf', recipient: 'a@example.org', recipientName: 'a'.repeat(101) }, 'recipientName'],
    [{ asset: 'report.pdf', recipient: 'ada@example.org', open: 'direct' }, 'open'],
    [{ asset: 'report.pdf', recipient: 'ada@example.org', count: 2 }, 'count'],
    [{ asset: 'report.pdf', reveal: false }, 'reveal'],
    [{ asset: 'report.pdf', reveal: 'no' }, 'reveal'],
    [{ asset: 'report.pdf', count: 0 }, 'count'],
    [{ asset: 'report.pdf', count: 101 }, 'count'],
    [{ asset: 'report.pdf', allowedCidrs: [] }, 'allowedCidrs'],
    [{ asset: 'report.pdf', allowedCidrs: ['192.0.2.0/24', '192.0.2.1/24'] }, 'allowedCidrs'],
    [{ asset: 'report.pdf', allowedCidrs: Array(17).fill('192.0.2.0/24') }, 'allowedCidrs'],
    [{ asset: 'report.pdf', allowedCidrs: '192.0.2.0/24' }, 'allowedCidrs'],
    [{ asset: 'report.pdf', note: '' }, 'note'],
    [{ asset: 'report.pdf', note: 'x'.repeat(201) }, 'note'],
    [{ asset: 'report.pdf', note: 'two\nlines' }, 'note'],
    [{ asset: 'report.pdf', note: 'zero\u200bwidth' }, 'note'],
    [{ asset: 'report.pdf', notify: 'ada@' }, 'notify'],
    [{ asset: 'report.pdf', bucket: 'other' }, 'body'],
    [{}, 'asset'],
  ])('the body %j is refused and the problem names %s', async (body, field) => {
    const response = await issue(body);
    expect(response.json).toMatchObject({ status: 400, code: 'invalid_request', field });
    expect(world().ledger.entries).toEqual([]);
  });

  test('a request gets 500 and has no effect if API Gateway names no caller', async () => {
    const event = goldenEvent('post-links-iam');
    event.requestContext.identity.userArn = null;
    const response = await call(createLinksHandler(world()), event);
    expect(response.json).toMatchObject({ status: 500, code: 'internal_error' });
    expect(world().ledger.entries).toEqual([]);
  });

  test('a request from test-invoke, which sends no headers, gets links', async () => {
    const response = await call(createLinksHandler(world()), goldenEvent('test-invoke-post-links'));
    expect(response.status).toBe(201);
  });
});
