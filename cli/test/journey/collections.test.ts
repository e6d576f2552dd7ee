import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Laptop, startLaptop } from '../../../test/support/laptop.ts';
import { runHere as tvm } from '../support/in-process.ts';

let laptop: Laptop;
let at: readonly ['--data-dir', string];
beforeAll(async () => {
  laptop = await startLaptop({ collections: 'on' });
  at = ['--data-dir', laptop.dataDir];
  for (const name of ['plan.pdf', 'budget.pdf', 'minutes.pdf']) await laptop.offer(name, name);
});
afterAll(() => laptop.close());

const issue = (...args: readonly string[]) => tvm([...at, 'issue', ...args]);

test('tvm issue prints one link for several files, and tvm show prints the state of each', async () => {
  const { status, stdout } = await issue('plan.pdf', 'budget.pdf');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^http:\S+\/collection\?token=tvc_[\w-]{52}\n$/);
  // A whole link works in place of its ID.
  const shown = JSON.parse((await tvm([...at, 'show', stdout.trim(), '--json'])).stdout);
  expect(shown).toMatchObject({
    state: 'live',
    files: [
      { asset: 'plan.pdf', state: 'live' },
      { asset: 'budget.pdf', state: 'live' },
    ],
  });
  await tvm([...at, 'revoke', shown.files[0].tokenId, '--yes']);
  const { stdout: facts } = await tvm([...at, 'show', shown.tokenId]);
  expect(facts).toMatch(/plan\.pdf \(\d+\) revoked \S+, ID [0-9a-f]{32}\n.*budget\.pdf \(\d+\) live, ID/);
});

test('tvm revoke ends a collection and all its files, or with --asset only the links for one file', async () => {
  const first = JSON.parse((await issue('minutes.pdf', 'plan.pdf', '--json')).stdout).links[0];
  await tvm([...at, 'revoke', '--asset', 'minutes.pdf', '--yes']);
  const stateOf = async (tokenId: string) =>
    JSON.parse((await tvm([...at, 'show', tokenId, '--json'])).stdout).state;
  const [minutes, plan] = first.files;
  expect(await stateOf(minutes.tokenId)).toBe('revoked');
  expect(await stateOf(plan.tokenId)).toBe('live');
  expect(await stateOf(first.tokenId)).toBe('live');
  await tvm([...at, 'revoke', first.tokenId, '--yes']);
  expect(await stateOf(plan.tokenId)).toBe('revoked');
  expect(await stateOf(first.tokenId)).toBe('revoked');
  expect((await tvm([...at, 'audit'])).status).toBe(0);
});

test('if one of several files is not offered, the error gives the position of that file', async () => {
  const { status, stderr } = await issue('plan.pdf', 'nothing.pdf');
  expect(status).toBe(3);
  expect(stderr).toContain('(asset_not_found: assets 2)');
});

test.each([['--count', '2'], ['--open', 'direct'], ['--watermark']])(
  'several files cannot be combined with %s',
  async (...option) => {
    const { status, stderr } = await issue('plan.pdf', 'budget.pdf', ...option);
    expect(status).toBe(2);
    expect(stderr).toContain('Several files cannot be combined with');
  },
);

test('tvm forget erases a person from a collection and its files', async () => {
  await issue('plan.pdf', 'budget.pdf', '--to', 'ada@example.org');
  const forgotten = await tvm([...at, 'forget', 'ada@example.org', '--yes', '--json']);
  expect(forgotten.status).toBe(0);
  expect(JSON.parse(forgotten.stdout)).toMatchObject({ links: 3, revoked: expect.any(Number) });
  const { stdout } = await tvm([...at, 'list', '--recipient', 'ada@example.org', '--json']);
  expect(JSON.parse(stdout)).toEqual([]);
});
