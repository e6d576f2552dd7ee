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

test('tvm issue prints the same code for the same idempotency key, which the loop in the manual relies on', async () => {
  const issue = () =>
    tvm(
      ...['issue', 'report.pdf', '--to', 'ann@example.org', '--no-reveal', '--presence-code'],
      ...['--idempotency-key', 'contract-ann@example.org'],
    );
  const first = await issue();
  expect(first).toMatchObject({ status: 0, stderr: expect.stringMatching(/The code for \w{32} is \d{6}\./) });
  expect(await issue()).toEqual(first);
});

test.each([
  [['--open', 'direct'], 'a GET request cannot ask for a code'],
  [['--to-list', 'people.csv'], 'The codes of a stopped run cannot be looked up.'],
])('--presence-code cannot be combined with %j, and the message says why', async (more, reason) => {
  const { status, stderr } = await tvm('issue', 'report.pdf', '--presence-code', ...more);
  expect([status, stderr]).toEqual([2, expect.stringContaining(reason)]);
});
