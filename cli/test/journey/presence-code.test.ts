import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Laptop, postToken, startLaptop } from '../../../test/support/laptop.ts';
import { differing } from '../../../test/support/presence-codes.ts';
import { type Ran, runLive } from '../support/in-process.ts';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop({ presenceCode: 'on' });
  await laptop.offer('report.pdf', 'the report');
});
afterAll(() => laptop.close());

const tvm = (...args: readonly string[]): Promise<Ran> => runLive([...args, '--data-dir', laptop.dataDir]);

test('tvm issue prints a code separately from its link, and tvm show says that wrong codes ended the link', async () => {
  const { status, stdout, stderr } = await tvm('issue', 'report.pdf', '--presence-code');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^http\S+\n$/);
  const [, tokenId = '', code = ''] = /The code for ([0-9a-f]{32}) is (\d{6})\./.exec(stderr) ?? [];
  const token = new URL(stdout.trim()).searchParams.get('token') ?? '';
  for (let wrong = 0; wrong < 5; wrong += 1) {
    const url = `${laptop.endpoints.api}/redeem`;
    expect((await postToken(url, token, 'application/json', differing(code, 1))).status).toBe(403);
  }
  const shown = await tvm('show', tokenId);
  expect(shown.stdout).toMatch(/Revoked because\s+wrong-codes/);
});

test('--presence-code cannot be combined with --open direct or --to-list', async () => {
  for (const more of [
    ['--open', 'direct'],
    ['--to-list', 'people.csv'],
  ]) {
    const { status, stderr } = await tvm('issue', 'report.pdf', '--presence-code', ...more);
    expect([status, stderr]).toEqual([2, expect.stringContaining('--presence-code')]);
  }
});
