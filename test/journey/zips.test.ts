import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { createClients } from '../../laptop/src/clients.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';

/* Tests links that deliver several files as one zip, over HTTP. */

const FILES = {
  'Übersicht 2026.txt': 'the overview',
  'archive/Übersicht 2026.txt': 'an older overview',
  'empty.txt': '',
  'تقرير.txt': 'a report',
};
const ASSETS = Object.keys(FILES);

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop({ collections: 'on' });
  for (const [name, text] of Object.entries(FILES)) await laptop.offer(name, text);
});
afterAll(() => laptop.close());

const issue = (terms = {}) => issueLink(laptop.endpoints, { assets: ASSETS, delivery: 'zip', ...terms });
const redeem = (token: string) => postToken(`${laptop.endpoints.api}/redeem/zip`, token);

async function show(tokenId: string) {
  const response = await signedFetch(laptop.endpoints, 'GET', `/links/${tokenId}`);
  return (await response.json()) as {
    readonly delivered?: object;
    readonly state: string;
    readonly contents: object[];
  };
}

test('all files are delivered as one zip that other programs can read, and only once', async () => {
  const { token, tokenId, url } = await issue();
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
  expect(page).toContain('files.zip');
  expect(page).toContain('<bdi>Übersicht 2026 (2).txt</bdi>');
  const elsewhere = await postToken(`${laptop.endpoints.api}/redeem`, token);
  expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([
    307,
    `${laptop.endpoints.api}/redeem/zip`,
  ]);

  const response = await redeem(token);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename=files.zip');
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(response.headers.get('content-length')).toBe(String(bytes.length));
  const unpacked = Object.entries(unzipSync(bytes)).map(([name, content]) => [
    name,
    Buffer.from(content).toString(),
  ]);
  expect(Object.fromEntries(unpacked)).toEqual({
    'Übersicht 2026.txt': 'the overview',
    'Übersicht 2026 (2).txt': 'an older overview',
    'empty.txt': '',
    'تقرير.txt': 'a report',
  });
  expect((await redeem(token)).status).toBe(403);
  const { delivered, state, contents } = await eventually(
    () => show(tokenId),
    (link) => link.delivered !== undefined,
  );
  expect(delivered).toMatchObject({ outcome: 'delivered', bytes: bytes.length });
  expect([state, contents.length]).toEqual(['redeemed', 4]);
});

test('a zip can be downloaded by a program with one GET', async () => {
  const { url } = await issue({ open: 'direct' });
  const response = await fetch(url);
  expect(Object.keys(unzipSync(new Uint8Array(await response.arrayBuffer())))).toHaveLength(4);
});

test('a zip of 20 MB arrives whole, and its files are unchanged', async () => {
  const { s3, destroy } = createClients(laptop.endpoints, laptop.endpoints, laptop.endpoints.region);
  const large = Buffer.alloc(10_000_000, 'a line of text\n');
  for (const Key of ['gated/one.bin', 'gated/two.bin']) {
    await s3.send(new PutObjectCommand({ Bucket: laptop.endpoints.bucket, Key, Body: large }));
  }
  destroy();
  const { token } = await issue({ assets: ['one.bin', 'two.bin'] });
  const response = await redeem(token);
  const unpacked = unzipSync(new Uint8Array(await response.arrayBuffer()));
  for (const name of ['one.bin', 'two.bin'])
    expect(large.equals(unpacked[name] ?? Buffer.alloc(0))).toBe(true);
});
