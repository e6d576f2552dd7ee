import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLinksHandler } from '../../lambda/handlers/links.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { apiEvent, goldenEvent } from '../support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld, PUBLIC_ORIGIN } from '../support/handler-world.ts';

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
  world.files.offer('report.pdf');
});

function issue(body: object) {
  return call(createLinksHandler(world), apiEvent('post-links-iam', { body }));
}

function redeem(token: unknown) {
  const event = apiEvent('post-redeem-form', {
    body: new URLSearchParams({ token: String(token) }).toString(),
    headers: { Accept: '*/*' },
  });
  return call(createRedeemHandler(world), event);
}

function revoke(tokenId: string) {
  return call(createLinksHandler(world), apiEvent('delete-link-iam', { path: { tokenId } }));
}

describe('POST /links', () => {
  test('gives a signed caller a link to the page, for as long as a mailed one by default', async () => {
    const answer = await issue({ asset: 'report.pdf' });
    expect(answer.status).toBe(201);
    const { tokenId, token } = answer.json;
    expect(answer.json).toEqual({
      tokenId: expect.stringMatching(/^[0-9a-f]{32}$/),
      token: expect.stringMatching(/^tvm_[A-Za-z0-9_-]{52}$/),
      url: `${PUBLIC_ORIGIN}/redeem?token=${token}`,
      expiresAt: '2031-05-17T10:35:30Z',
    });
    expect(world.ledger.entries).toMatchObject([
      { event: 'issued', tokenId, issuedBy: expect.stringMatching(/^arn:/) },
    ]);
    expect(world.queue.messages).toEqual([]);
    expect((await redeem(token)).status).toBe(302);
  });

  test('gives a program a link to the download', async () => {
    const answer = await issue({ asset: 'report.pdf', open: 'direct', expiresIn: 34_560_000 });
    expect(answer.json.url).toBe(`${PUBLIC_ORIGIN}/download?token=${answer.json.token}`);
    expect(answer.json.expiresAt).toBe('2032-06-20T10:20:30Z');
  });

  test.each<[object, string]>([
    [{ asset: 'report.pdf', expiresIn: 59 }, 'expiresIn'],
    [{ asset: 'report.pdf', expiresIn: 34_560_001 }, 'expiresIn'],
    [{ asset: 'report.pdf', expiresIn: 90.5 }, 'expiresIn'],
    [{ asset: 'report.pdf', expiresIn: '900' }, 'expiresIn'],
    [{ asset: 'report.pdf', open: 'always' }, 'open'],
    [{ asset: '../report.pdf' }, 'asset'],
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
    const { json } = await issue({ asset: 'report.pdf' });
    world.files.offer('report.pdf');
    expect((await redeem(json.token)).json).toMatchObject({ status: 404, code: 'asset_changed' });
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
    const { json } = await issue({ asset: 'report.pdf' });
    expect((await revoke(String(json.tokenId))).status).toBe(204);
    expect((await revoke(String(json.tokenId))).status).toBe(204);
    expect((await redeem(json.token)).json).toMatchObject({ status: 403, code: 'token_revoked' });
  });

  test('answers 409 with the time when the link was redeemed', async () => {
    const { json } = await issue({ asset: 'report.pdf' });
    await redeem(json.token);
    const answer = await revoke(String(json.tokenId));
    expect(answer.json).toMatchObject({
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
