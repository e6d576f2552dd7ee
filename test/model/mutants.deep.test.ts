import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from './main.ts';
import { RULES, type Rule } from './violation.ts';

/*
 * Applies each seeded bug to a copy of the sources. The model must find it and name the rule that it breaks.
 */
const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATCHES = join(ROOT, 'test/mutants');
const COPIED = ['lambda/domain', 'lambda/adapters', 'lambda/http', 'test/model', 'test/support'];
const SCHEDULES = '2000';

const MUTANTS_IN_SCHEDULES: readonly (readonly [patch: string, rule: Rule])[] = [
  ['get-then-delete', 'one winner'],
  ['receipt-without-condition', 'one receipt, never rewritten'],
  ['delete-before-receipt', 'the records agree'],
  ['get-redeems', 'looking is free'],
  ['record-put-by-mail', 'a record is put by its request only'],
  ['epoch-from-clock', 'one record, one token'],
  ['expiry-checked-once', 'an ended token opens nothing'],
  ['lost-answer-not-repeated', 'a lost answer costs nothing'],
  ['receipt-before-url', 'nothing is spent in vain'],
  ['read-once', 'the answers are true'],
  ['revocation-without-outcome', 'the answers are true'],
  ['mail-without-look', 'nothing is mailed for an ended token'],
  ['own-repetition-refused', 'nothing fails without a fault'],
  ['token-in-ledger', 'nothing at rest opens a file'],
  ['receipt-before-opening', 'nothing is spent in vain'],
  ['loser-keeps-file', 'a loser lets go of the file'],
  ['stream-by-url', 'a streamed link yields no URL'],
  ['networks-after-receipt', 'a link is redeemed from its networks only'],
  ['revocation-without-condition', 'one receipt, never rewritten'],
  ['notice-by-losers', 'notices tell of redemptions only'],
  ['plan-without-condition', 'one named request, one set of links'],
  ['carried-out-too-early', 'one named request, one set of links'],
  ['record-without-condition', 'a record is put by its request only'],
  ['any-link-renewed', 'the answers are true'],
  ['delivery-of-nobody', 'the records agree'],
  ['loser-keeps-slot', 'a finished stream frees its slot'],
];

/** Lists the mutants that the exhaustive search of interleavings must find. */
const MUTANTS_IN_INTERLEAVINGS: readonly (readonly [patch: string, rule: Rule])[] = [
  ['get-then-delete', 'one winner'],
  ['receipt-without-condition', 'one receipt, never rewritten'],
  ['revocation-without-condition', 'one receipt, never rewritten'],
  ['revocation-without-outcome', 'the answers are true'],
  ['lost-answer-not-repeated', 'a lost answer costs nothing'],
  ['receipt-before-url', 'nothing is spent in vain'],
  ['receipt-before-opening', 'nothing is spent in vain'],
  ['loser-keeps-file', 'a loser lets go of the file'],
  ['notice-by-losers', 'notices tell of redemptions only'],
  ['plan-without-condition', 'one named request, one set of links'],
  ['carried-out-too-early', 'one named request, one set of links'],
  ['mail-not-refunded', 'the records agree'],
  ['mark-of-any-day', 'one named request, one set of links'],
  ['loser-keeps-slot', 'a finished stream frees its slot'],
];

let copy: string;

beforeEach(async () => {
  copy = await mkdtemp(join(await realpath(tmpdir()), 'tvm-mutant-'));
  for (const folder of COPIED) {
    await mkdir(dirname(join(copy, folder)), { recursive: true });
    await cp(join(ROOT, folder), join(copy, folder), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  await writeFile(join(copy, 'package.json'), '{"type":"module"}');
});

afterEach(() => rm(copy, { recursive: true }));

/** Applies a patch to the copy, never to a repository that contains the copy. */
async function mutate(name: string): Promise<void> {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(copy) };
  try {
    await run('git', ['apply', join(PATCHES, `${name}.patch`)], { cwd: copy, env });
  } catch (cause) {
    const advice = 'Make the same change in the current code and write the patch again.';
    throw new Error(`test/mutants/${name}.patch no longer applies to the sources. ${advice}`, { cause });
  }
}

/** Runs the model on the copy. */
async function searchCopy(...search: readonly string[]): Promise<Finding> {
  const { stdout } = await run(process.execPath, [join(copy, 'test/model/main.ts'), ...search], {
    cwd: copy,
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Finding;
}

describe('seeded bugs', () => {
  test('the model finds no violation in the unchanged sources', async () => {
    expect(await searchCopy('1', SCHEDULES)).toEqual({ rule: null, schedules: Number(SCHEDULES), story: '' });
    expect(await searchCopy('interleavings')).toMatchObject({ rule: null, story: '' });
  });

  test.each(MUTANTS_IN_SCHEDULES)(
    'the model catches the seeded bug %s by the rule "%s"',
    async (patch, rule) => {
      await mutate(patch);
      expect((await searchCopy('1', SCHEDULES)).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_INTERLEAVINGS)(
    'the search of all interleavings catches the seeded bug %s by the rule "%s"',
    async (patch, rule) => {
      await mutate(patch);
      expect((await searchCopy('interleavings')).rule).toBe(rule);
    },
  );

  test('every rule of the model is broken by at least one seeded bug', () => {
    const broken = new Set(MUTANTS_IN_SCHEDULES.map(([, rule]) => rule));
    expect(RULES.filter((rule) => !broken.has(rule))).toEqual([]);
  });

  test('every patch in test/mutants is listed in this test', async () => {
    const patches = (await readdir(PATCHES)).filter((file) => file.endsWith('.patch'));
    const listed = new Set(
      [...MUTANTS_IN_SCHEDULES, ...MUTANTS_IN_INTERLEAVINGS].map(([patch]) => `${patch}.patch`),
    );
    expect(patches.sort()).toEqual([...listed].sort());
  });
});
