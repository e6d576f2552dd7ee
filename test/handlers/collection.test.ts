import { beforeEach, describe, expect, test } from '@jest/globals';
import { createCollectionHandler } from '../../lambda/handlers/collection.ts';
import { createLinksHandler } from '../../lambda/handlers/links.ts';
import { createRedeemHandler } from '../../lambda/handlers/redeem.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { memorySecondChances } from '../support/memory-second-chances.ts';

const ASSETS = ['plan.pdf', 'budget.pdf'];
const PAGE = { Accept: 'text/html' };
const JSON_ONLY = { Accept: 'application/json' };

let world: HandlerWorld;
beforeEach(() => {
  world = createHandlerWorld();
  for (const name of ASSETS) world.files.offer(name);
});

const issue = (body: object) =>
  call(createLinksHandler({ ...world, collections: 'on' }), apiEvent('post-links-iam', { body }));

const get = (details: RequestDetails) =>
  call(createCollectionHandler(world), apiEvent('get-redeem', { route: 'GET /collection', ...details }));

async function issueOne(body: object = {}): Promise<Record<string, string>> {
  const { json } = await issue({ assets: ASSETS, ...body });
  return (json.links as Record<string, string>[])[0] ?? {};
}

const redeem = (token: string, changed: object = {}) =>
  call(
    createRedeemHandler({ ...world, ...changed }),
    apiEvent('post-redeem-form', {
      body: new URLSearchParams({ token }).toString(),
      headers: { Accept: '*/*' },
    }),
  );

const tokensIn = (page: string) => page.match(/tvm_[A-Za-z0-9_-]{52}/g) ?? [];

describe('POST /links with assets', () => {
  test('the response has one link, and the token ID of each file', async () => {
    const { status, json } = await issue({ assets: ASSETS });
    expect(status).toBe(201);
    const [{ token, url } = {}] = json.links as Record<string, string>[];
    expect(url).toBe(`${PUBLIC_ORIGIN}/collection?token=${token}`);
    expect(json).toEqual({
      links: [
        {
          tokenId: expect.stringMatching(/^a[0-9a-f]{31}$/),
          token: expect.stringMatching(/^tvc_[A-Za-z0-9_-]{52}$/),
          url,
          expiresAt: '2031-05-17T10:35:30Z',
          files: ASSETS.map((asset) => ({ tokenId: expect.stringMatching(/^a[0-9a-f]{31}$/), asset })),
        },
      ],
    });
  });

  test('a collection is refused if the deployment does not support collections', async () => {
    const event = apiEvent('post-links-iam', { body: { assets: ASSETS } });
    const { json } = await call(createLinksHandler(world), event);
    expect(json).toMatchObject({ status: 400, code: 'invalid_request', field: 'assets' });
  });

  test.each([
    ['one file', { assets: ['plan.pdf'] }, { field: 'assets' }],
    ['21 files', { assets: Array.from({ length: 21 }, (_, index) => `${index}.pdf`) }, { field: 'assets' }],
    ['a file twice', { assets: ['plan.pdf', 'plan.pdf'] }, { field: 'assets' }],
    ['an invalid name', { assets: ['plan.pdf', '../plan.pdf'] }, { field: 'assets', position: 2 }],
    ['both assets and asset', { assets: ASSETS, asset: 'plan.pdf' }, { field: 'asset' }],
    ['both assets and objectId', { assets: ASSETS, objectId: `d${'0'.repeat(31)}` }, { field: 'asset' }],
    ['a count', { assets: ASSETS, count: 2 }, { field: 'count' }],
    ['direct opening', { assets: ASSETS, open: 'direct' }, { field: 'open' }],
    ['a presence code', { assets: ASSETS, presenceCode: true }, { field: 'presenceCode' }],
    ['a watermark', { assets: ASSETS, delivery: 'stream', watermark: true }, { field: 'watermark' }],
  ])('a collection with %s is refused, and the problem names the field', async (_what, body, fault) => {
    const { json } = await issue(body);
    expect(json).toMatchObject({ status: 400, code: 'invalid_request', ...fault });
    expect(Object.keys(json).toSorted()).toEqual(
      ['code', 'status', 'title', 'type', ...Object.keys(fault)].toSorted(),
    );
  });

  test('a file that is not offered gets a 404 that gives its position, but not its name', async () => {
    const { body, json } = await issue({ assets: [...ASSETS, 'nothing.pdf'] });
    expect(json).toMatchObject({ status: 404, code: 'asset_not_found', field: 'assets', position: 3 });
    expect(body).not.toContain('nothing.pdf');
  });
});

describe('GET /collection', () => {
  test('the page has one button for each file, and each button redeems its file once', async () => {
    const { token = '' } = await issueOne();
    const page = await get({ query: { token }, headers: PAGE });
    expect(page.status).toBe(200);
    const tokens = tokensIn(page.body);
    expect(tokens).toHaveLength(ASSETS.length);
    const [first = ''] = tokens;
    expect((await redeem(first)).status).toBe(302);
    const again = await redeem(first);
    expect(again.status).toBe(403);
    expect(again.json).toMatchObject({ code: 'token_redeemed', redeemedAt: '2031-05-17T10:20:30Z' });
    expect(tokensIn((await get({ query: { token }, headers: PAGE })).body)).toEqual(tokens.slice(1));
  });

  test('a client that asks for JSON gets the state of each file, but no token', async () => {
    const { token = '' } = await issueOne();
    const [first = ''] = tokensIn((await get({ query: { token }, headers: PAGE })).body);
    await redeem(first);
    const response = await get({ query: { token }, headers: JSON_ONLY });
    const file = { tokenId: expect.any(String), type: 'application/pdf', size: 2048 };
    expect(response.json).toEqual({
      expiresAt: '2031-05-17T10:35:30Z',
      files: [
        { ...file, fileName: 'plan.pdf', state: 'redeemed', redeemedAt: '2031-05-17T10:20:30Z' },
        { ...file, fileName: 'budget.pdf', state: 'live' },
      ],
    });
    expect(response.body).not.toMatch(/tv[mc]_/);
  });

  test.each([
    ['expired', 410],
    ['forged', 400],
    ['missing', 400],
  ])('a token that is %s gets %i', async (what, status) => {
    const { token = '' } = await issueOne();
    if (what === 'expired') world.time.advance(900);
    const given = { expired: token, forged: `${token.slice(0, -1)}~`, missing: undefined }[what];
    const query = given === undefined ? {} : { token: given };
    expect((await get({ query, headers: PAGE })).status).toBe(status);
  });

  test('a prefetch is refused', async () => {
    const { token = '' } = await issueOne();
    const headers = { ...PAGE, 'Sec-Purpose': 'prefetch' };
    expect((await get({ query: { token }, headers })).status).toBe(403);
  });

  test('a HEAD request gets an empty 200 for any token, without a call to KMS', async () => {
    const response = await get({ route: 'HEAD /collection', query: { token: 'anything' } });
    expect(response).toMatchObject({ status: 200, body: '' });
    expect(world.keys.asked).toEqual([]);
  });
});

describe('GET /collection with second chances', () => {
  const chances = () => ({ ...world, secondChances: memorySecondChances().port });
  const look = async (changed: object, token: string) =>
    await call(
      createCollectionHandler({ ...world, ...changed }),
      apiEvent('get-redeem', { route: 'GET /collection', query: { token }, headers: PAGE }),
    );

  test('the page offers a redeemed file again, until its second chance is over', async () => {
    const changed = chances();
    const { token = '' } = await issueOne();
    const [first = '', second = ''] = tokensIn((await look(changed, token)).body);
    await redeem(first, changed);
    const during = await look(changed, token);
    expect(tokensIn(during.body)).toEqual([first, second]);
    expect(during.body).toContain('Get the file again');
    world.time.advance(600);
    expect(tokensIn((await look(changed, token)).body)).toEqual([second]);
  });

  test('the page does not offer a redeemed file again if it has no second chance', async () => {
    const changed = chances();
    const { token = '' } = await issueOne();
    const [first = ''] = tokensIn((await look(changed, token)).body);
    await redeem(first);
    expect(tokensIn((await look(changed, token)).body)).not.toContain(first);
  });
});

test('the log names the collection and contains no token', async () => {
  const { token = '', tokenId } = await issueOne();
  await get({ query: { token }, headers: PAGE });
  expect(world.telemetry.lines).toMatchObject([
    { outcome: 'issued', tokenId },
    { route: 'GET /collection', outcome: 'looked-at', tokenId },
  ]);
  expect(JSON.stringify(world.telemetry.lines)).not.toMatch(/tv[mc]_/);
});
