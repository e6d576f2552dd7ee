import { describe, expect, test } from '@jest/globals';
import type { TokenId } from '../../lambda/domain/ids.ts';
import { createLinksHandler } from '../../lambda/handlers/links.ts';
import { apiEvent } from '../../laptop/test/support/api-event.ts';
import { call } from '../support/handler-world.ts';
import { assetName } from '../support/values.ts';
import { CALLER, linkCalls } from './link-calls.ts';

const OTHER_CALLER = 'arn:aws:iam::111122223333:user/somebody-else';

const { world, issueOne, send, show, redeem } = linkCalls();

const revoke = (tokenId: string, as?: string) => send({ path: { tokenId }, ...(as !== undefined && { as }) });
const list = (query: Readonly<Record<string, string>> = {}, as?: string) =>
  send({ route: 'GET /links', query, ...(as !== undefined && { as }) });

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
    world().time.advance(30);
    await redeem(token);
    const redeemedAt = '2031-05-17T10:21:00Z';
    expect((await show(tokenId)).json).toEqual({ ...live, state: 'redeemed', redeemedAt });
    expect((await show(tokenId)).body).not.toContain('tvm_');
  });

  test('a revoked link is shown with the time of the revocation, and an expired link as expired', async () => {
    const revoked = await issueOne({ asset: 'report.pdf' });
    const expired = await issueOne({ asset: 'report.pdf', expiresIn: 60 });
    await revoke(revoked.tokenId ?? '');
    world().time.advance(60);
    expect((await show(revoked.tokenId ?? '')).json).toMatchObject({
      state: 'revoked',
      revokedAt: '2031-05-17T10:20:30Z',
      revokedReason: 'requested',
    });
    expect((await show(expired.tokenId ?? '')).json).toMatchObject({ state: 'expired' });
  });

  test('the ledger says how a link ended once its receipt is past its retention', async () => {
    const redeemed = await issueOne({ asset: 'report.pdf' });
    const revoked = await issueOne({ asset: 'report.pdf' });
    const unused = await issueOne({ asset: 'report.pdf' });
    await redeem(redeemed.token);
    await revoke(revoked.tokenId ?? '');
    world().time.advance(40 * 86_400);
    world().store.receipts.clear();
    const at = '2031-05-17T10:20:30Z';
    expect((await show(redeemed.tokenId ?? '')).json).toMatchObject({ state: 'redeemed', redeemedAt: at });
    expect((await show(revoked.tokenId ?? '')).json).toMatchObject({ state: 'revoked', revokedAt: at });
    expect((await show(unused.tokenId ?? '')).json).toMatchObject({ state: 'expired' });
  });

  test('a mailed link is shown with the state of its e-mail', async () => {
    const { tokenId = '' } = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org' });
    const at = '2031-05-17T10:20:30.000Z';
    expect((await show(tokenId)).json).toMatchObject({
      recipient: 'ada@example.org',
      mail: { state: 'queued', at },
    });
    world().time.advance(1);
    const entry = { tokenId: tokenId as TokenId, at: world().clock(), asset: assetName('report.pdf') };
    await world().ledger.append({ ...entry, event: 'mailed' });
    expect((await show(tokenId)).json.mail).toEqual({ state: 'mailed', at: '2031-05-17T10:20:31.000Z' });
    world().time.advance(1);
    await world().ledger.append({ ...entry, at: world().clock(), event: 'reminded' });
    const reminded = {
      state: 'mailed',
      at: '2031-05-17T10:20:31.000Z',
      remindedAt: '2031-05-17T10:20:32.000Z',
    };
    expect((await show(tokenId)).json.mail).toEqual(reminded);
    world().time.advance(1);
    await world().ledger.append({ ...entry, at: world().clock(), event: 'bounced', bounce: 'permanent' });
    expect((await show(tokenId)).json.mail).toMatchObject({ state: 'bounced' });
  });

  test.each([{ event: 'bounced', bounce: 'permanent' }, { event: 'complained' }] as const)(
    'an e-mail is shown as $event even if SES dates that before its response to the call that sent it',
    async (outcome) => {
      const { tokenId = '' } = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org' });
      const entry = { tokenId: tokenId as TokenId, asset: assetName('report.pdf') };
      world().time.advance(1);
      const at = world().clock();
      world().time.advance(1);
      await world().ledger.append({ ...entry, at: world().clock(), event: 'mailed' });
      await world().ledger.append({ ...entry, at, ...outcome });
      expect((await show(tokenId)).json.mail).toEqual({ state: outcome.event, at: at.toISOString() });
    },
  );
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

  test('the routes under /operator give access to the links of every caller', async () => {
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

  test('a new user cannot access the links of a deleted user with the same name', async () => {
    const { tokenId = '' } = await issueOne({ asset: 'report.pdf' });
    const event = apiEvent('delete-link-iam', { path: { tokenId } });
    event.requestContext.identity.caller = 'AIDACREATEDAGAIN';
    expect((await call(createLinksHandler(world()), event)).json).toMatchObject({ code: 'not_found' });
    expect((await show(tokenId)).json).toMatchObject({ state: 'live' });
  });

  test('a request for an operator route gets 500 if API Gateway does not say who the caller is', async () => {
    const event = apiEvent('delete-link-iam', { route: 'GET /operator/tokens' });
    event.requestContext.identity.userArn = null;
    expect((await call(createLinksHandler(world()), event)).json).toMatchObject({ code: 'internal_error' });
  });
});

describe('GET /links', () => {
  test('a list is returned in pages, newest link first', async () => {
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

  test('a list can be filtered by file and by recipient, and a +tag in the address is ignored', async () => {
    world().files.offer('other.pdf');
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

  test('a cursor is refused for another filter, another caller, or the operators’ list, and if any bit is flipped', async () => {
    await issueOne({ asset: 'report.pdf' });
    await issueOne({ asset: 'report.pdf' });
    const cursor = String((await list({ limit: '1' })).json.cursor);
    const refused = { status: 400, code: 'invalid_request', field: 'cursor' };
    expect((await list({ cursor, asset: 'report.pdf' })).json).toMatchObject(refused);
    expect((await list({ cursor }, OTHER_CALLER)).json).toMatchObject(refused);
    const everyone = await send({ route: 'GET /operator/tokens', query: { cursor } });
    expect(everyone.json).toMatchObject(refused);
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect((await list({ cursor: flipped.toString('base64url') })).json).toMatchObject(refused);
    }
    expect((await list({ cursor })).status).toBe(200);
  });
});
