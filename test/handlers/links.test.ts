import { beforeEach, describe, expect, test } from '@jest/globals';
import type { TokenId } from '../../lambda/domain/ids.ts';
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

/** Who calls in the golden events. */
const CALLER = 'arn:aws:iam::111122223333:user/operator';

function issue(body: object, headers: Readonly<Record<string, string>> = {}) {
  return call(createLinksHandler(world), apiEvent('post-links-iam', { body, headers }));
}

/** Issues one link. */
async function issueOne(body: object): Promise<Record<string, string>> {
  const { status, json } = await issue(body);
  if (status !== 201) throw new Error(`not issued: ${JSON.stringify(json)}`);
  return (json.links as Record<string, string>[])[0] ?? {};
}

function redeem(token: unknown) {
  const event = apiEvent('post-redeem-form', {
    body: new URLSearchParams({ token: String(token) }).toString(),
    headers: { Accept: '*/*' },
  });
  return call(createRedeemHandler(world), event);
}

/** Has API Gateway name another caller, whose unique id goes with its role or user, whatever the session. */
function signAs({ requestContext: { identity } }: ReturnType<typeof apiEvent>, arn: string): void {
  const [, principal = '', session] = /^arn:[^:]+:[^:]+::\d+:([^/]+\/[^/]+)(?:\/(.*))?$/.exec(arn) ?? [];
  Object.assign(identity, { userArn: arn, caller: [`AID-${principal}`, session].filter(Boolean).join(':') });
}

type Request = Parameters<typeof apiEvent>[1] & { readonly as?: string };

function ask({ as, ...details }: Request) {
  const event = apiEvent('delete-link-iam', details);
  if (as !== undefined) signAs(event, as);
  return call(createLinksHandler(world), event);
}

const revoke = (tokenId: string, as?: string) => ask({ path: { tokenId }, ...(as !== undefined && { as }) });
const show = (tokenId: string, as?: string) =>
  ask({ route: 'GET /links/{tokenId}', path: { tokenId }, ...(as !== undefined && { as }) });
const list = (query: Readonly<Record<string, string>> = {}, as?: string) =>
  ask({ route: 'GET /links', query, ...(as !== undefined && { as }) });

describe('POST /links', () => {
  test('gives a signed caller a link to the page, for as long as a mailed one by default', async () => {
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

  test('gives a program a link to the download', async () => {
    const link = await issueOne({ asset: 'report.pdf', open: 'direct', expiresIn: 34_560_000 });
    expect(link.url).toBe(`${PUBLIC_ORIGIN}/download?token=${link.token}`);
    expect(link.expiresAt).toBe('2032-06-20T10:20:30Z');
  });

  test('gives as many links as are asked for', async () => {
    const { json } = await issue({ asset: 'report.pdf', count: 100 });
    expect(json.links).toHaveLength(100);
  });

  test('mails a link to a recipient, and keeps the token to itself if that is wished', async () => {
    const link = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org', reveal: false });
    expect(Object.keys(link)).toEqual(['tokenId', 'expiresAt']);
    expect(world.queue.messages).toEqual([link.tokenId]);
  });

  test('answers a repetition with the same links, whatever the order of its fields', async () => {
    const named = { 'Idempotency-Key': 'k-1' };
    const first = await issue({ asset: 'report.pdf', count: 2, note: 'x' }, named);
    expect(await issue({ note: 'x', count: 2, asset: 'report.pdf' }, named)).toEqual(first);
    expect(await issue({ note: 'x', count: 2, asset: 'report.pdf', open: 'confirm' }, named)).toEqual(first);
    const other = await issue({ asset: 'report.pdf', count: 3, note: 'x' }, named);
    expect(other.json).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  test('keeps the names of requests of one caller apart from those of another', async () => {
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

  test.each(['', ' ', 'ä', 'x'.repeat(256)])('refuses the name "%s" for a request', async (key) => {
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
  ])('refuses %j and names %s', async (body, field) => {
    const answer = await issue(body);
    expect(answer.json).toMatchObject({ status: 400, code: 'invalid_request', field });
    expect(world.ledger.entries).toEqual([]);
  });

  test('says 404 for a file that is not on offer', async () => {
    expect((await issue({ asset: 'other.pdf' })).json).toMatchObject({
      status: 404,
      code: 'asset_not_found',
    });
  });

  test('pins the link to the version of the file, and spends nothing when that has changed', async () => {
    const { token } = await issueOne({ asset: 'report.pdf' });
    world.files.offer('report.pdf');
    expect((await redeem(token)).json).toMatchObject({ status: 404, code: 'asset_changed' });
  });

  test('does nothing when API Gateway names no caller', async () => {
    const event = goldenEvent('post-links-iam');
    event.requestContext.identity.userArn = null;
    const answer = await call(createLinksHandler(world), event);
    expect(answer.json).toMatchObject({ status: 500, code: 'internal_error' });
    expect(world.ledger.entries).toEqual([]);
  });

  test('answers test-invoke, which sends no headers', async () => {
    const answer = await call(createLinksHandler(world), goldenEvent('test-invoke-post-links'));
    expect(answer.status).toBe(201);
  });
});

describe('DELETE /links/{tokenId}', () => {
  test('revokes at once, and says the same when asked again', async () => {
    const { tokenId = '', token } = await issueOne({ asset: 'report.pdf' });
    expect((await revoke(tokenId)).status).toBe(204);
    expect((await revoke(tokenId)).status).toBe(204);
    expect((await redeem(token)).json).toMatchObject({ status: 403, code: 'token_revoked' });
  });

  test('answers 409 with the time when the link was redeemed', async () => {
    const { tokenId = '', token } = await issueOne({ asset: 'report.pdf' });
    await redeem(token);
    expect((await revoke(tokenId)).json).toMatchObject({
      status: 409,
      code: 'token_redeemed',
      redeemedAt: '2031-05-17T10:20:30Z',
    });
  });

  test('says 404 for a link it does not know, and 400 for an id that is none', async () => {
    expect((await revoke('0'.repeat(32))).json).toMatchObject({ status: 404, code: 'not_found' });
    expect((await revoke('../x')).json).toMatchObject({
      status: 400,
      code: 'invalid_request',
      field: 'tokenId',
    });
  });
});

const OTHER = 'arn:aws:iam::111122223333:user/somebody-else';

describe('GET /links/{tokenId}', () => {
  test('tells what the link was issued as and how it stands', async () => {
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

  test('tells when it was revoked, and that it expired', async () => {
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

  test('tells how the mail stands', async () => {
    const { tokenId = '' } = await issueOne({ asset: 'report.pdf', recipient: 'ada@example.org' });
    const at = '2031-05-17T10:20:30.000Z';
    expect((await show(tokenId)).json).toMatchObject({
      recipient: 'ada@example.org',
      mail: { state: 'queued', at },
    });
    world.time.advance(1);
    const line = { tokenId: tokenId as TokenId, at: world.clock(), asset: assetName('report.pdf') };
    await world.ledger.append({ ...line, event: 'mailed' });
    expect((await show(tokenId)).json.mail).toEqual({ state: 'mailed', at: '2031-05-17T10:20:31.000Z' });
    world.time.advance(1);
    await world.ledger.append({ ...line, at: world.clock(), event: 'bounced', bounce: 'permanent' });
    expect((await show(tokenId)).json.mail).toMatchObject({ state: 'bounced' });
  });
});

describe('a link of another caller', () => {
  test('is not there, to look at or to revoke, and in no list', async () => {
    const { tokenId = '', token } = await issueOne({ asset: 'report.pdf' });
    const missing = { status: 404, code: 'not_found' };
    expect((await show(tokenId, OTHER)).json).toMatchObject(missing);
    expect((await revoke(tokenId, OTHER)).json).toMatchObject(missing);
    expect((await list({}, OTHER)).json).toEqual({ links: [] });
    expect((await redeem(token)).status).toBe(302);
    expect((await revoke(tokenId, OTHER)).json).toMatchObject(missing);
  });

  test('is there for whom IAM lets call /operator', async () => {
    const { tokenId = '' } = await issueOne({ asset: 'report.pdf' });
    const path = { tokenId };
    const shown = await ask({ route: 'GET /operator/tokens/{tokenId}', path, as: OTHER });
    expect(shown.json).toMatchObject({ tokenId, state: 'live' });
    const listed = await ask({ route: 'GET /operator/tokens', as: OTHER });
    expect(listed.json).toMatchObject({ links: [{ tokenId }] });
    expect((await ask({ route: 'DELETE /operator/tokens/{tokenId}', path, as: OTHER })).status).toBe(204);
    expect((await show(tokenId)).json).toMatchObject({ state: 'revoked' });
  });

  test('is out of reach of a new user of the same name', async () => {
    const { tokenId = '' } = await issueOne({ asset: 'report.pdf' });
    const event = apiEvent('delete-link-iam', { path: { tokenId } });
    event.requestContext.identity.caller = 'AIDACREATEDAGAIN';
    expect((await call(createLinksHandler(world), event)).json).toMatchObject({ code: 'not_found' });
    expect((await show(tokenId)).json).toMatchObject({ state: 'live' });
  });

  test('is out of reach of a call without a caller', async () => {
    const event = apiEvent('delete-link-iam', { route: 'GET /operator/tokens' });
    event.requestContext.identity.userArn = null;
    expect((await call(createLinksHandler(world), event)).json).toMatchObject({ code: 'internal_error' });
  });
});

describe('GET /links', () => {
  test('gives pages of links, newest first, up to the last', async () => {
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

  test('finds the links of a file, and to a person whatever tag the address had', async () => {
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
    [{ colour: 'red' }, 'query'],
  ])('refuses %j and names %s', async (query, field) => {
    expect((await list(query)).json).toMatchObject({ status: 400, code: 'invalid_request', field });
  });

  test('refuses a cursor of another list, of another caller, and one with a single bit changed', async () => {
    await issueOne({ asset: 'report.pdf' });
    await issueOne({ asset: 'report.pdf' });
    const cursor = String((await list({ limit: '1' })).json.cursor);
    const refused = { status: 400, code: 'invalid_request', field: 'cursor' };
    expect((await list({ cursor, asset: 'report.pdf' })).json).toMatchObject(refused);
    expect((await list({ cursor }, OTHER)).json).toMatchObject(refused);
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect((await list({ cursor: changed.toString('base64url') })).json).toMatchObject(refused);
    }
    expect((await list({ cursor })).status).toBe(200);
  });
});
