import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink, type NewLink } from '../support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';

/* Tests collections, which are links to several files, over HTTP. */

const NAMES = Array.from({ length: 20 }, (_, index) => `part ${index + 1}.txt`);

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop({ collections: 'on' });
  for (const name of NAMES) await laptop.offer(name, `This is ${name}`);
});
afterAll(() => laptop.close());

type Collection = NewLink & {
  readonly files: readonly { readonly tokenId: string; readonly asset: string }[];
};

const issue = async (body: object = {}) =>
  (await issueLink(laptop.endpoints, { assets: NAMES, ...body })) as Collection;

const look = (url: string, accept = 'text/html') => fetch(url, { headers: { accept } });

/** Returns the tokens that the page's buttons post, in order. */
async function buttons(url: string): Promise<readonly string[]> {
  return (await (await look(url)).text()).match(/tvm_[A-Za-z0-9_-]{52}/g) ?? [];
}

const press = (token: string) => postToken(`${laptop.endpoints.api}/redeem`, token, 'application/json');

async function show(tokenId: string) {
  const response = await signedFetch(laptop.endpoints, 'GET', `/links/${tokenId}`);
  return (await response.json()) as { state: string; files: readonly { asset: string; state: string }[] };
}

test('twenty files are downloaded with one press each, and a second press gets 403 with the time of the first', async () => {
  const { url, tokenId } = await issue();
  const tokens = await buttons(url);
  expect(tokens).toHaveLength(20);
  for (const [index, token] of tokens.entries()) {
    const redeemed = (await (await press(token)).json()) as { readonly url: string };
    expect(await (await fetch(redeemed.url)).text()).toBe(`This is ${NAMES[index]}`);
    const again = await press(token);
    expect(again.status).toBe(403);
    expect(await again.json()).toMatchObject({ code: 'token_redeemed', redeemedAt: expect.any(String) });
  }
  expect(await buttons(url)).toEqual([]);
  expect(await (await look(url)).text()).toContain('Nothing is left to download');
  expect((await show(tokenId)).files.map(({ asset, state }) => `${asset} ${state}`)).toEqual(
    NAMES.map((name) => `${name} redeemed`),
  );
});

test('the files of a collection can be streamed', async () => {
  const { url } = await issue({ delivery: 'stream' });
  const [first = ''] = await buttons(url);
  const elsewhere = await press(first);
  expect(elsewhere.status).toBe(307);
  const response = await postToken(elsewhere.headers.get('location') ?? '', first);
  expect(await response.text()).toBe('This is part 1.txt');
});

test('the e-mail about a collection lists the files, and its link leads to the page', async () => {
  const { tokenId } = await issue({ recipient: 'ada@example.org', reveal: false });
  const { body, subject } = await mailTo(laptop.endpoints.inbox, 'ada@example.org');
  expect(subject).toBe('Your download link: 20 files');
  for (const name of NAMES) expect(body.text).toContain(`- ${name} (`);
  const [url = ''] = /http\S+\/collection\?token=tvc_\S+/.exec(body.text ?? '') ?? [];
  expect(await buttons(url)).toHaveLength(20);
  expect(await show(tokenId)).toMatchObject({ state: 'live', mail: { state: 'mailed' } });
});

test('a collection is not spent when its page is opened as HTML, as JSON, or with HEAD', async () => {
  const { url, tokenId } = await issue();
  const before = await show(tokenId);
  await look(url);
  expect(await (await look(url, 'application/json')).text()).not.toMatch(/tv[mc]_/);
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  expect(await show(tokenId)).toEqual(before);
});
