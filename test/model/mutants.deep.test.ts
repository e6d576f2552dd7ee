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
const COPIED = [
  ...['lambda/domain', 'lambda/adapters', 'lambda/http', 'lambda/handlers'],
  ...['test/model', 'test/support'],
];
const SCHEDULES = 2000;

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
  ['mail-without-turn', 'one link, one mail'],
  ['own-repetition-refused', 'nothing fails without a fault'],
  ['token-in-ledger', 'nothing at rest opens a file'],
  ['receipt-before-opening', 'nothing is spent in vain'],
  ['loser-keeps-file', 'a loser lets go of the file'],
  ['stream-by-url', 'a streamed link yields no URL'],
  ['proxy-for-everyone', 'only the proxy gets its URLs'],
  ['any-proxy-secret', 'only the proxy gets its URLs'],
  ['spent-before-trust', 'a lost answer costs nothing'],
  ['networks-after-receipt', 'a link is redeemed from its networks only'],
  ['code-compared-first', 'five codes, no more'],
  ['code-counted-always', 'five codes, no more'],
  ['wrong-code-forgotten', 'five codes, no more'],
  ['code-missing-passes', 'no file without its code'],
  ['fifth-code-tolerated', 'the answers are true'],
  ['revocation-without-condition', 'one receipt, never rewritten'],
  ['notice-by-losers', 'notices tell of redemptions only'],
  ['plan-without-condition', 'one named request, one set of links'],
  ['carried-out-too-early', 'one named request, one set of links'],
  ['record-without-condition', 'a record is put by its request only'],
  ['any-link-renewed', 'the answers are true'],
  ['delivery-of-nobody', 'the records agree'],
  ['loser-keeps-slot', 'a finished stream frees its slot'],
  ['any-secret', 'a file is handed out again to its redeemer only'],
  ['chance-by-losers', 'a file is handed out again to its redeemer only'],
  ['reissue-without-condition', 'a file is handed out again three times at most'],
  ['chance-put-twice', 'a file is handed out again three times at most'],
  ['chance-without-end', 'a second chance ends'],
  ['report-keeps-chance', 'a second chance ends'],
  ['report-before-put', 'a second chance ends'],
  ['reissue-of-any-version', 'the version that is handed out again is the same'],
  ['counted-in-vain', 'nothing is spent in vain'],
  ['secret-at-rest', 'nothing at rest opens a file'],
  ['reissue-without-entry', 'the records agree'],
];

/** Lists the mutants that the schedules of uploads must find. */
const MUTANTS_IN_UPLOADS: readonly (readonly [patch: string, rule: Rule])[] = [
  ['published-by-finalize', 'only what was vouched for is published'],
  ['message-believed', 'only what was vouched for is published'],
  ['bytes-not-compared', 'published bytes are those declared'],
  ['pin-moves', 'the pin never moves'],
  ['end-is-left', 'an end is final'],
  ['threats-while-parked', 'threats reject'],
  ['upload-without-revision', 'no write is lost'],
  ['finalized-too-late', 'a session that is over takes nothing'],
  ['any-tenant', 'tenants reach their own uploads only'],
  ['slot-freed-twice', 'one slot, one session'],
  ['slot-kept', 'an upload that ends frees its slot'],
  ['session-never-over', 'every upload ends or waits for an operator'],
  ['other-versions-kept', 'nothing unpublished remains'],
  ['step-without-line', 'the history has every step'],
];

/** Lists the mutants that the exhaustive search of the interleavings of uploads must find. */
const MUTANTS_IN_UPLOAD_INTERLEAVINGS: readonly (readonly [patch: string, rule: Rule])[] = [
  ['published-by-finalize', 'only what was vouched for is published'],
  ['verdict-of-another-version', 'only what was vouched for is published'],
  ['pin-moves', 'the pin never moves'],
  ['threats-while-parked', 'threats reject'],
  ['upload-without-revision', 'no write is lost'],
  ['expired-after-check', 'what was accepted does not time out'],
  ['step-without-line', 'the history has every step'],
];

/** Lists the mutants that the schedules of events must find. */
const MUTANTS_IN_EVENTS: readonly (readonly [patch: string, rule: Rule])[] = [
  ['refused-entry-passed-over', 'no event is lost'],
  ['fault-told', 'no event is lost'],
  ['expiry-told-at-once', 'events tell facts only'],
  ['event-id-drawn', 'a repeated event is the same event'],
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
  ['code-count-not-checked', 'five codes, no more'],
  ['code-counted-always', 'five codes, no more'],
  ['notice-by-losers', 'notices tell of redemptions only'],
  ['plan-without-condition', 'one named request, one set of links'],
  ['carried-out-too-early', 'one named request, one set of links'],
  ['mail-not-refunded', 'the records agree'],
  ['mark-of-any-day', 'one named request, one set of links'],
  ['loser-keeps-slot', 'a finished stream frees its slot'],
];

const ALL_MUTANTS = [
  ...MUTANTS_IN_SCHEDULES,
  ...MUTANTS_IN_INTERLEAVINGS,
  ...MUTANTS_IN_UPLOADS,
  ...MUTANTS_IN_UPLOAD_INTERLEAVINGS,
  ...MUTANTS_IN_EVENTS,
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
async function searchCopy(search: string): Promise<Finding> {
  const { stdout } = await run(process.execPath, [join(copy, 'test/model/main.ts'), search], {
    cwd: copy,
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Finding;
}

describe('seeded bugs', () => {
  test('the model finds no violation in the unchanged sources', async () => {
    for (const search of ['links', 'uploads', 'events']) {
      expect(await searchCopy(search)).toEqual({ rule: null, schedules: SCHEDULES, story: '' });
    }
    for (const search of ['interleavings', 'upload-interleavings']) {
      expect(await searchCopy(search)).toMatchObject({ rule: null, story: '' });
    }
  });

  test.each(MUTANTS_IN_SCHEDULES)(
    'the model catches the seeded bug %s by the rule "%s"',
    async (patch, rule) => {
      await mutate(patch);
      expect((await searchCopy('links')).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_INTERLEAVINGS)(
    'the search of all interleavings catches the seeded bug %s by the rule "%s"',
    async (patch, rule) => {
      await mutate(patch);
      expect((await searchCopy('interleavings')).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_UPLOADS)(
    'the model of uploads catches the seeded bug %s by the rule "%s"',
    async (patch, rule) => {
      await mutate(patch);
      expect((await searchCopy('uploads')).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_EVENTS)(
    'the model of events catches the seeded bug %s by the rule "%s"',
    async (patch, rule) => {
      await mutate(patch);
      expect((await searchCopy('events')).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_UPLOAD_INTERLEAVINGS)(
    'the search of all interleavings of uploads catches the seeded bug %s by the rule "%s"',
    async (patch, rule) => {
      await mutate(patch);
      expect((await searchCopy('upload-interleavings')).rule).toBe(rule);
    },
  );

  test('every rule of the model is broken by at least one seeded bug', () => {
    const broken = new Set(ALL_MUTANTS.map(([, rule]) => rule));
    expect(RULES.filter((rule) => !broken.has(rule))).toEqual([]);
  });

  test('every patch in test/mutants is listed in this test', async () => {
    const patches = (await readdir(PATCHES)).filter((file) => file.endsWith('.patch'));
    const listed = new Set(ALL_MUTANTS.map(([patch]) => `${patch}.patch`));
    expect(patches.sort()).toEqual([...listed].sort());
  });
});
