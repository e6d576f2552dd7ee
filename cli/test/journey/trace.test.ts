import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PDFDocument } from '@cantoo/pdf-lib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { issueLinks } from '../../../test/support/issue-links.ts';
import { type Laptop, postToken, startLaptop } from '../../../test/support/laptop.ts';
import { samplePdf } from '../../../test/support/pdfs.ts';
import { type Ran, runLive } from '../support/in-process.ts';

let laptop: Laptop;
let original: Uint8Array;
beforeAll(async () => {
  laptop = await startLaptop({ watermarks: 'on' });
  original = await samplePdf([{}, {}]);
  await laptop.put('private/plan.pdf', original);
});
afterAll(() => laptop.close());

const tvm = (...args: readonly string[]): Promise<Ran> => runLive([...args, '--data-dir', laptop.dataDir]);

/** Writes a file into the data folder of local mode, and traces it. */
async function traced(bytes: Uint8Array) {
  const path = join(laptop.dataDir, 'found.pdf');
  await writeFile(path, bytes);
  const { status, stdout } = await tvm('trace', path, '--json');
  return { status, ...(status === 0 ? (JSON.parse(stdout) as object) : {}) };
}

test('tvm trace names the recipient of a copy, even if the copy has been changed', async () => {
  const issued = await tvm(
    ...['issue', 'private/plan.pdf', '--watermark', '--watermark-name', 'Ada Łovelace'],
    ...['--to', 'ada@example.org'],
  );
  expect(issued.status).toBe(0);
  const token = new URL(issued.stdout.trim()).searchParams.get('token') ?? '';
  const response = await postToken(`${laptop.endpoints.api}/redeem/watermark`, token);
  expect(response.status).toBe(200);
  const copy = new Uint8Array(await response.arrayBuffer());

  const link = {
    recipient: 'ada@example.org',
    watermark: true,
    watermarkName: 'Ada Łovelace',
    state: 'redeemed',
  };
  expect(await traced(copy)).toMatchObject({ status: 0, copy: 'unchanged', links: [link] });

  const document = await PDFDocument.load(copy);
  document.removePage(0);
  expect(await traced(await document.save())).toMatchObject({ status: 0, copy: 'changed', links: [link] });

  expect((await tvm('trace', join(laptop.dataDir, 'found.pdf'))).stdout).toContain('Ada Łovelace');
});

test('tvm trace exits with 3 for a file that is not a copy', async () => {
  expect(await traced(original)).toEqual({ status: 3 });
});

test('tvm trace does not show a link without a copy, even if the file contains the ID of the link', async () => {
  const [forged] = await issueLinks(laptop.endpoints, { asset: 'private/plan.pdf' });
  const mark = `\n/TvmLink << /Id (${forged?.tokenId}) >>`;
  expect(await traced(Buffer.concat([original, Buffer.from(mark)]))).toEqual({ status: 3 });
});
