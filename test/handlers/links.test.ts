import { beforeEach, describe, expect, test } from '@jest/globals';
import type { TokenId } from '../../lambda/domain/ids.ts';
import { isGenuine } from '../../lambda/domain/record-seal.ts';
import { createLinksHandler } from '../../lambda/handlers/links.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { apiEvent, goldenEvent } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { assetName } from '../support/values.ts';

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
  world.files.offer('report.pdf');
});

/** The caller in the golden events. */
const CALLER = 'arn:aws:iam::111122223333:user/operator';

function issue(body: object, headers: Readonly<Record<string, string>> = {}) {
  return call(createLinksHandler(world), apiEvent('post-links-iam', { body, headers }));
}

async function issueOne(body: object): Promise<Record<string, string>> {
  const { status, json } = await issue(body);
  if (status !== 201) throw new Error(`not issued: ${JSON.stringify(json)}`);
  return (json.links as Record<string, string>[])[0] ?? {};
}

async function issueOneWith(body: object): Promise<Record<string, string>> {
  const handler = createLinksHandler({ ...world, secondChance: 'on' });
  const { json } = await call(handler, apiEvent('post-links-iam', { body }));
  return (json.links as Record<string, string>[])[0] ?? {};
}

function redeem(token: unknown) {
  const event = apiEvent('post-redeem-form', {
    body: new URLSearchParams({ token: String(token) }).toString(),
    headers: { Accept: '*/*' },
  });
  return call(createRedeemHandler(world), event);
}

/** Replaces the caller of an event. Its unique ID depends on its role or user, but not on the session. */
function signAs({ requestContext: { identity } }: ReturnType<typeof apiEvent>, arn: string): void {
  const [, principal = '', session] = /^arn:[^:]+:[^:]+::\d+:([^/]+\/[^/]+)(?:\/(.*))?$/.exec(arn) ?? [];
  Object.assign(identity, { userArn: arn, caller: [`AID-${principal}`, session].filter(Boolean).join(':') });
}

type Request = Parameters<typeof apiEvent>[1] & { readonly as?: string };

function send({ as, ...details }: Request) {
  const event = apiEvent('delete-link-iam', details);
  if (as !== undefined) signAs(event, as);
  return call(createLinksHandler(world), event);
}

const revoke = (tokenId: string, as?: string) => send({ path: { tokenId }, ...(as !== undefined && { as }) });
const show = (tokenId: string, as?: string) =>
  send({ route: 'GET /links/{tokenId}', path: { tokenId }, ...(as !== undefined && { as }) });
const list = (query: Readonly<Record<string, string>> = {}, as?: string) =>
  send({ route: 'GET /links', query, ...(as !== undefined && { as }) });

describe('POST /links', () => {
  test('a link opens the confirmation page and lives as long as a form link by default', async () => {
    const answer = await issue({ asset: 'report.pdf' });
    expect(answer.status).toBe(201);
    const [link] = answer.json.links as Record<string, string>[];
    expect(answer.json).toEqual({
      links: [
        {
          tokenId: expect.stringMatching(/^[0-9a-f]{32}$/),
          token: expect.stringMatching(/^tvm_[A-Za-z0-9_-]{52}$/),
          url: `${PUBLIC_ORIGIN}/redeem?token=${link?.token}`,
          expiresAt: '2031-05-17T10:35:30Z',
        },
      ],
    });
    expect(world.ledger.entries).toMatchObject([
      { event: 'issued', tokenId: link?.tokenId, issuedBy: CALLER },
    ]);
    expect(world.queue.messages).toEqual([]);
    expect((await redeem(link?.token)).status).toBe(302);
  });

  test('a link that opens directly points to /download', async () => {
    const link = await issueOne({ asset: 'report.pdf', open: 'direct', expiresIn: 34_560_000 });
    expect(link.url).toBe(`${PUBLIC_ORIGIN}/download?token=${link.token}`);
    expect(link.expiresAt).toBe('2032-06-20T10:20:30Z');
  });

  test('the issuer can choose a second chance if the deployment has the option, and the seal covers the choice', async () => {
    for (const secondChance of [true, false]) {
      const { tokenId = '' } = await issueOneWith({ asset: 'report.pdf', secondChance });
      expect((await show(tokenId)).json).toMatchObject({ secondChance });
      const record = world.store.records.get(tokenId as TokenId);
      if (record === undefined) throw new Error('no record');
      const key = world.keys.derive(record.keyEpoch);
      expect(isGenuine(record, key)).toBe(true);
      expect(isGenuine({ ...record, secondChance: !secondChance }, key)).toBe(false);
      expect((await issue({ asset: 'report.pdf', secondChance })).json).toMatchObject({
        status: 400,
        code: 'invalid_request',
        field: 'secondChance',
      });
    }
  });

  test('a request with a count gets this many links', async () => {
    const { json } = await issue({ asset: 'report.pdf', count: 100 });
    expect(json.links).toHaveLength(100);
  });

  test('a link with a recipient is mailed, and its token is left out of the answer with reveal: false', async () => {
    const link = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org', reveal: false });
    expect(Object.keys(link)).toEqual(['tokenId', 'expiresAt']);
    expect(world.queue.messages).toEqual([link.tokenId]);
  });

  test('the name and the message for the recipient are only in the record, and in no answer', async () => {
    const words = { recipientName: 'Zoë Ünlü', message: 'Bitte bis Freitag prüfen' };
    const link = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org', ...words });
    const record = world.store.records.get(link.tokenId as TokenId);
    expect(record?.recipient).toMatchObject({ name: 'Zoë Ünlü', message: 'Bitte bis Freitag prüfen' });
    const elsewhere = JSON.stringify([world.ledger.entries, link, (await show(link.tokenId ?? '')).json]);
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
    const mine = await call(createLinksHandler(world), event(`${role}/reports/one-session`));
    const again = await call(createLinksHandler(world), event(`${role}/reports/another-session`));
    const theirs = await call(createLinksHandler(world), event(`${role}/invoices/one-session`));
    expect(again.json).toEqual(mine.json);
    expect(theirs.json).not.toEqual(mine.json);
  });

  test.each(['', ' ', 'ä', 'x'.repeat(256)])('the idempotency key "%s" is refused', async (key) => {
    const answer = await issue({ asset: 'report.pdf' }, { 'Idempotency-Key': key });
    expect(answer.json).toMatchObject({ status: 400, code: 'invalid_request', field: 'Idempotency-Key' });
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
    const answer = await issue(body);
    expect(answer.json).toMatchObject({ status: 400, code: 'invalid_request', field });
    expect(world.ledger.entries).toEqual([]);
  });

  test('a request for a missing file gets 404', async () => {
    expect((await issue({ asset: 'other.pdf' })).json).toMatchObject({
      status: 404,
      code: 'asset_not_found',
    });
  });

  test('a redemption gets 404 if the file has changed since the link was issued', async () => {
    const { token } = await issueOne({ asset: 'report.pdf' });
    world.files.offer('report.pdf');
    expect((await redeem(token)).json).toMatchObject({ status: 404, code: 'asset_changed' });
  });

  test('a request gets 500 and has no effect if API Gateway names no caller', async () => {
    const event = goldenEvent('post-links-iam');
    event.requestContext.identity.userArn = null;
    const answer = await call(createLinksHandler(world), event);
    expect(answer.json).toMatchObject({ status: 500, code: 'internal_error' });
    expect(world.ledger.entries).toEqual([]);
  });

  test('a request from test-invoke, which sends no headers, gets links', async () => {
    const answer = await call(createLinksHandler(world), goldenEvent('test-invoke-post-links'));
    expect(answer.status).toBe(201);
  });
});

describe('DELETE /links/{tokenId}', () => {
  test('revoking a link twice gets 204 both times', async () => {
    const { tokenId = '', token } = await issueOne({ asset: 'report.pdf' });
    expect((await revoke(tokenId)).status).toBe(204);
    expect((await revoke(tokenId)).status).toBe(204);
    expect((await redeem(token)).json).toMatchObject({ status: 403, code: 'token_revoked' });
  });

  test('revoking a redeemed link gets 409 with the time of the redemption', async () => {
    const { tokenId = '', token } = await issueOne({ asset: 'report.pdf' });
    await redeem(token);
    expect((await revoke(tokenId)).json).toMatchObject({
      status: 409,
      code: 'token_redeemed',
      redeemedAt: '2031-05-17T10:20:30Z',
    });
  });

  test('revoking an unknown link gets 404, and an invalid token ID gets 400', async () => {
    expect((await revoke('0'.repeat(32))).json).toMatchObject({ status: 404, code: 'not_found' });
    expect((await revoke('../x')).json).toMatchObject({
      status: 400,
      code: 'invalid_request',
      field: 'tokenId',
    });
  });
});

const OTHER_CALLER = 'arn:aws:iam::111122223333:user/somebody-else';

describe('GET /links/{tokenId}', () => {
  test('a link is shown with its terms and its state, but without its token', async () => {
    const { tokenId = '', token } = await issueOne({
      asset: 'report.pdf',
      note: 'for the board',
      allowedCidrs: ['2001:db8::/32', '0.0.0.0/0'],
    });
    const live = {
      tokenId,
      asset: 'report.pdf',
      fileName: 'report.pdf',
      size: 2048,
      state: 'live',
      issuedAt: '2031-05-17T10:20:30.000Z',
      expiresAt: '2031-05-17T10:35:30Z',
      issuedBy: CALLER,
      open: 'confirm',
      delivery: 'redirect',
      allowedCidrs: ['2001:db8::/32', '0.0.0.0/0'],
      note: 'for the board',
    };
    expect((await show(tokenId)).json).toEqual(live);
    world.time.advance(30);
    await redeem(token);
    const redeemedAt = '2031-05-17T10:21:00Z';
    expect((await show(tokenId)).json).toEqual({ ...live, state: 'redeemed', redeemedAt });
    expect((await show(tokenId)).body).not.toContain('tvm_');
  });

  test('a revoked link is shown with the time, and an expired one as expired', async () => {
    const revoked = await issueOne({ asset: 'report.pdf' });
    const expired = await issueOne({ asset: 'report.pdf', expiresIn: 60 });
    await revoke(revoked.tokenId ?? '');
    world.time.advance(60);
    expect((await show(revoked.tokenId ?? '')).json).toMatchObject({
      state: 'revoked',
      revokedAt: '2031-05-17T10:20:30Z',
    });
    expect((await show(expired.tokenId ?? '')).json).toMatchObject({ state: 'expired' });
  });

  test('a mailed link is shown with the state of its mail', async () => {
    const { tokenId = '' } = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org' });
    const at = '2031-05-17T10:20:30.000Z';
    expect((await show(tokenId)).json).toMatchObject({
      recipient: 'ada@example.org',
      mail: { state: 'queued', at },
    });
    world.time.advance(1);
    const entry = { tokenId: tokenId as TokenId, at: world.clock(), asset: assetName('report.pdf') };
    await world.ledger.append({ ...entry, event: 'mailed' });
    expect((await show(tokenId)).json.mail).toEqual({ state: 'mailed', at: '2031-05-17T10:20:31.000Z' });
    world.time.advance(1);
    await world.ledger.append({ ...entry, at: world.clock(), event: 'reminded' });
    const reminded = {
      state: 'mailed',
      at: '2031-05-17T10:20:31.000Z',
      remindedAt: '2031-05-17T10:20:32.000Z',
    };
    expect((await show(tokenId)).json.mail).toEqual(reminded);
    world.time.advance(1);
    await world.ledger.append({ ...entry, at: world.clock(), event: 'bounced', bounce: 'permanent' });
    expect((await show(tokenId)).json.mail).toMatchObject({ state: 'bounced' });
  });
});

describe('links of other callers', () => {
  test('a link of another caller cannot be shown, revoked, or listed', async () => {
    const { tokenId = '', token } = await issueOne({ asset: 'report.pdf' });
    const missing = { status: 404, code: 'not_found' };
    expect((await show(tokenId, OTHER_CALLER)).json).toMatchObject(missing);
    expect((await revoke(tokenId, OTHER_CALLER)).json).toMatchObject(missing);
    expect((await list({}, OTHER_CALLER)).json).toEqual({ links: [] });
    expect((await redeem(token)).status).toBe(302);
    expect((await revoke(tokenId, OTHER_CALLER)).json).toMatchObject(missing);
  });

  test('the routes under /operator reach the links of every caller', async () => {
    const { tokenId = '' } = await issueOne({ asset: 'report.pdf' });
    const path = { tokenId };
    const shown = await send({ route: 'GET /operator/tokens/{tokenId}', path, as: OTHER_CALLER });
    expect(shown.json).toMatchObject({ tokenId, state: 'live' });
    const listed = await send({ route: 'GET /operator/tokens', as: OTHER_CALLER });
    expect(listed.json).toMatchObject({ links: [{ tokenId }] });
    expect((await send({ route: 'DELETE /operator/tokens/{tokenId}', path, as: OTHER_CALLER })).status).toBe(
      204,
    );
    expect((await show(tokenId)).json).toMatchObject({ state: 'revoked' });
  });

  test('a new user with the name of a deleted one cannot reach its links', async () => {
    const { tokenId = '' } = await issueOne({ asset: 'report.pdf' });
    const event = apiEvent('delete-link-iam', { path: { tokenId } });
    event.requestContext.identity.caller = 'AIDACREATEDAGAIN';
    expect((await call(createLinksHandler(world), event)).json).toMatchObject({ code: 'not_found' });
    expect((await show(tokenId)).json).toMatchObject({ state: 'live' });
  });

  test('an operator route gets 500 if API Gateway names no caller', async () => {
    const event = apiEvent('delete-link-iam', { route: 'GET /operator/tokens' });
    event.requestContext.identity.userArn = null;
    expect((await call(createLinksHandler(world), event)).json).toMatchObject({ code: 'internal_error' });
  });
});

describe('GET /links', () => {
  test('a list has pages, from the newest to the oldest link', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift((await issueOne({ asset: 'report.pdf' })).tokenId ?? '');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { json } = await list({ limit: '2', ...(cursor !== undefined && { cursor }) });
      seen.push(...(json.links as { tokenId: string }[]).map(({ tokenId }) => tokenId));
      cursor = json.cursor as string | undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
  });

  test('a list can be filtered by file and by recipient, whatever the tag in the address', async () => {
    world.files.offer('other.pdf');
    const mailed = await issueOne({ asset: 'other.pdf', recipient: 'Ada+x@example.org' });
    await issueOne({ asset: 'report.pdf' });
    const found = { links: [{ tokenId: mailed.tokenId, recipient: 'Ada+x@example.org' }] };
    expect((await list({ asset: 'other.pdf' })).json).toMatchObject(found);
    expect((await list({ recipient: 'ada@example.org' })).json).toMatchObject(found);
    expect((await list({ recipient: 'ada@example.org', asset: 'report.pdf' })).json).toEqual({ links: [] });
  });

  test.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ limit: '5.0' }, 'limit'],
    [{ limit: '' }, 'limit'],
    [{ asset: '../x' }, 'asset'],
    [{ recipient: 'ada' }, 'recipient'],
    [{ cursor: 'x' }, 'cursor'],
    [{ cursor: '' }, 'cursor'],
    [{ color: 'red' }, 'query'],
  ])('the query %j is refused and the problem names %s', async (query, field) => {
    expect((await list(query)).json).toMatchObject({ status: 400, code: 'invalid_request', field });
  });

  test('a cursor is refused for another filter, for another caller, and with any bit flipped', async () => {
    await issueOne({ asset: 'report.pdf' });
    await issueOne({ asset: 'report.pdf' });
    const cursor = String((await list({ limit: '1' })).json.cursor);
    const refused = { status: 400, code: 'invalid_request', field: 'cursor' };
    expect((await list({ cursor, asset: 'report.pdf' })).json).toMatchObject(refused);
    expect((await list({ cursor }, OTHER_CALLER)).json).toMatchObject(refused);
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect((await list({ cursor: flipped.toString('base64url') })).json).toMatchObject(refused);
    }
    expect((await list({ cursor })).status).toBe(200);
  });
});
