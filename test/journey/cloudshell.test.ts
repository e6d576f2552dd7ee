import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';
import { blocksOf, comparable, runBlocks } from '../support/page-script.ts';

const page = readFileSync(new URL('../../docs/cloudshell.md', import.meta.url), 'utf8');
const blocks = blocksOf(page);

let laptop: Laptop;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tvm-cloudshell-'));
  // Replaces the AWS CLI with a program that calls local mode instead of AWS.
  const program = fileURLToPath(new URL('../support/aws/aws.ts', import.meta.url));
  writeFileSync(join(folder, 'aws'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(folder, 'aws'), 0o755);
  laptop = await startLaptop();
  await laptop.offer('report.pdf', 'the report');
});

afterAll(async () => {
  await laptop?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the commands on the CloudShell page, pasted block by block, print the output shown on the page', async () => {
  const printed = await runBlocks(blocks, {
    PATH: [folder, dirname(process.execPath), process.env.PATH].join(delimiter),
    TMPDIR: folder,
    TVM_ENDPOINTS: join(laptop.dataDir, 'endpoints.json'),
    NODE_NO_WARNINGS: '1',
  });
  expect(printed.map(comparable)).toEqual(blocks.map(({ prints }) => comparable(prints)));
  expect(printed.map((text) => text.slice(0, 3)).filter((text) => /^\d/.test(text))).toEqual([
    '202',
    '201',
    '302',
    '403',
  ]);
  expect((await mailTo(laptop.endpoints.inbox, 'you@example.org')).body.text).toMatch(/tvm_/);
  // The commands wrote no files outside the folder that they created, and printed no secret.
  expect(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\./.test(name) && !name.startsWith('tmp.'),
    ),
  ).toEqual([]);
  expect(printed.join('')).not.toMatch(/tvm_[A-Za-z0-9_-]{52}|X-Amz-Signature/);
});

test('no command on the page takes a token, a link, or a body as an argument', () => {
  for (const { commands } of blocks) {
    expect(commands).not.toMatch(/--body (?!file:\/\/)/);
    expect(commands).not.toMatch(/curl(?!.*--config -)/);
    expect(commands).not.toMatch(/\$\([^)]*(issued|token|redeemed)\./);
  }
});
