import { createHash } from 'node:crypto';
import { PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as mupdf from 'mupdf';
import { LARGEST_STAMPED } from '../../lambda/domain/watermark.ts';
import { createClients } from '../../laptop/src/clients.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { encryptedPdf, samplePdf, signedPdf } from '../support/pdfs.ts';

/* Tests links to stamped copies over HTTP. */

const PRESENTED = { asset: 'paper.pdf', delivery: 'stream', watermark: true };

let laptop: Laptop;
let original: Uint8Array;
beforeAll(async () => {
  laptop = await startLaptop({ watermarks: 'on' });
  original = await samplePdf([{}, { turn: 90 }]);
  await laptop.offer('paper.pdf', original);
  await laptop.offer('encrypted.pdf', await encryptedPdf());
  await laptop.offer('signed.pdf', await signedPdf());
  await laptop.offer('broken.pdf', original.subarray(0, original.length / 2));
  await laptop.offer('letter.txt', 'Dear Ada');
  await laptop.offer('large.pdf', Buffer.alloc(LARGEST_STAMPED + 1));
});
afterAll(() => laptop.close());

const post = (path: string, token: string) =>
  fetch(`${laptop.endpoints.api}${path}`, {
    method: 'POST',
    body: new URLSearchParams({ token }),
    redirect: 'manual',
  });

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function textOf(pdf: Uint8Array): readonly string[] {
  const document = mupdf.Document.openDocument(pdf, 'application/pdf');
  return Array.from({ length: document.countPages() }, (_, index) =>
    document.loadPage(index).toStructuredText('').asText(),
  );
}

test('a redeemed link delivers a copy that names its recipient, along with the checksum of the copy', async () => {
  const { token } = await issueLink(laptop.endpoints, {
    ...PRESENTED,
    recipient: 'ada@example.org',
    watermarkName: 'Ada Łovelace',
  });
  const elsewhere = await post('/redeem', token);
  expect(elsewhere.status).toBe(307);
  expect(elsewhere.headers.get('location')).toBe(`${laptop.endpoints.api}/redeem/watermark`);

  const response = await post('/redeem/watermark', token);
  expect(response.status).toBe(200);
  const copy = new Uint8Array(await response.arrayBuffer());
  expect(response.headers.get('content-length')).toBe(String(copy.length));
  expect(response.headers.get('repr-digest')).toBe(
    `sha-256=:${Buffer.from(sha256(copy), 'hex').toString('base64')}:`,
  );
  for (const text of textOf(copy)) expect(text).toContain(`Ada Łovelace · ada@example.org · `);
  expect((await post('/redeem/watermark', token)).status).toBe(403);
});

test('a private file with the tag watermark=true is delivered only as a stamped copy', async () => {
  const { s3, destroy } = createClients(laptop.endpoints, laptop.endpoints, laptop.endpoints.region);
  const object = { Bucket: laptop.endpoints.bucket, Key: 'private/plan.pdf' };
  await laptop.put(object.Key, original);
  const TagSet = [{ Key: 'watermark', Value: 'true' }];
  await s3.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet } }));
  destroy();
  const { token, tokenId } = await issueLink(laptop.endpoints, { asset: object.Key });
  const copy = await (await post('/redeem/watermark', token)).arrayBuffer();
  for (const text of textOf(new Uint8Array(copy))) expect(text.split(tokenId)).toHaveLength(3);
});

describe('a link is refused when it is issued', () => {
  test.each([
    ['encrypted.pdf', 'pdf_encrypted'],
    ['signed.pdf', 'pdf_signed'],
    ['broken.pdf', 'pdf_unreadable'],
    ['letter.txt', 'pdf_unreadable'],
    ['large.pdf', 'pdf_too_large'],
  ])('for %s, with %s', async (asset, code) => {
    const response = await signedFetch(laptop.endpoints, 'POST', '/links', { ...PRESENTED, asset });
    expect(await response.json()).toMatchObject({ status: 422, code });
  });

  test('for a name that the fonts cannot show, with name_unprintable', async () => {
    const body = { ...PRESENTED, watermarkName: 'محمد' };
    const response = await signedFetch(laptop.endpoints, 'POST', '/links', body);
    expect(await response.json()).toMatchObject({ status: 422, code: 'name_unprintable' });
  });
});
