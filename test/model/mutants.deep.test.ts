import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from './main.ts';
import { RULES, type Rule } from './violation.ts';

/* Applies each seeded bug to a copy of the sources. The model must find the bug, and name the rule that the bug breaks. */
const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATCHES = join(ROOT, 'test/mutants');
const COPIED = [
  ...['lambda/domain', 'lambda/adapters', 'lambda/http', 'lambda/handlers'],
  ...['test/model', 'test/support'],
];
const JEST = join(ROOT, 'node_modules/jest/bin/jest.js');

const MUTANTS_IN_SCHEDULES: readonly (readonly [patch: string, rule: Rule])[] = [
  ['get-then-delete', 'one redemption wins'],
  ['receipt-without-condition', 'a receipt never changes'],
  ['delete-before-receipt', 'the tables agree'],
  ['get-redeems', 'viewing a link writes nothing'],
  ['record-put-by-mail', 'only minting writes a record'],
  ['epoch-from-clock', 'a record has one token'],
  ['expiry-checked-once', 'an ended token opens nothing'],
  ['lost-response-not-retried', 'the winner learns that it won'],
  ['receipt-before-url', 'no link is spent without a file'],
  ['read-once', 'every response is correct'],
  ['revocation-without-outcome', 'every response is correct'],
  ['mail-without-state-check', 'no e-mail is sent for an ended token'],
  ['mail-without-counter', 'an API link is mailed once'],
  ['own-retry-refused', 'nothing fails without a fault'],
  ['token-in-ledger', 'nothing stored opens a file'],
  ['receipt-before-opening', 'no link is spent without a file'],
  ['loser-keeps-file', 'a losing function closes its file'],
  ['stream-by-url', 'a streamed link yields no URL'],
  ['proxy-for-everyone', 'only the proxy gets proxied files'],
  ['any-proxy-secret', 'only the proxy gets proxied files'],
  ['delivery-after-receipt', 'the winner learns that it won'],
  ['networks-after-receipt', 'a link is redeemed only from its networks'],
  ['code-compared-first', 'a link allows at most five attempts'],
  ['code-counted-always', 'a link allows at most five attempts'],
  ['wrong-code-forgotten', 'a link allows at most five attempts'],
  ['code-missing-passes', 'no file is delivered without the right code'],
  ['fifth-code-tolerated', 'every response is correct'],
  ['revocation-without-condition', 'a receipt never changes'],
  ['notice-by-losers', 'notices report only redemptions'],
  ['plan-without-condition', 'repeated requests get the same links'],
  ['carried-out-too-early', 'repeated requests get the same links'],
  ['record-without-condition', 'only minting writes a record'],
  ['any-link-renewed', 'every response is correct'],
  ['delivery-under-another-id', 'the tables agree'],
  ['loser-keeps-slot', 'a finished stream frees its slot'],
  ['any-secret', 'only the redeemer gets the file again'],
  ['second-chance-by-losers', 'only the redeemer gets the file again'],
  ['reissue-without-condition', 'a file is reissued at most three times'],
  ['second-chance-put-twice', 'a file is reissued at most three times'],
  ['second-chance-without-end', 'a second chance ends in time'],
  ['report-keeps-second-chance', 'a second chance ends in time'],
  ['report-before-second-chance', 'a second chance ends in time'],
  ['reissue-of-any-version', 'a reissue delivers the same version'],
  ['reissue-counted-too-early', 'no link is spent without a file'],
  ['secret-stored', 'nothing stored opens a file'],
  ['reissue-without-entry', 'the tables agree'],
];

/** Mutants that the search of upload schedules must find. */
const MUTANTS_IN_UPLOADS: readonly (readonly [patch: string, rule: Rule])[] = [
  ['published-by-finalize', 'only approved versions are published'],
  ['message-trusted', 'only approved versions are published'],
  ['bytes-not-compared', 'published bytes match their declaration'],
  ['pin-moves', 'a pinned version never changes'],
  ['rejected-then-published', 'an ended upload stays ended'],
  ['threats-ignored-while-parked', 'threats end an upload'],
  ['upload-without-revision', 'no write is lost'],
  ['finalized-too-late', 'no version is pinned after its session has ended'],
  ['any-tenant', 'tenants reach only their own uploads'],
  ['slot-freed-twice', 'every open session has its own slot'],
  ['slot-kept', 'an ended upload frees its slot'],
  ['session-never-ends', 'every upload ends or waits for an operator'],
  ['other-versions-kept', 'only published objects remain in S3'],
  ['step-without-line', 'the history has every step'],
];

/** Mutants that the exhaustive search of upload interleavings must find. */
const MUTANTS_IN_UPLOAD_INTERLEAVINGS: readonly (readonly [patch: string, rule: Rule])[] = [
  ['published-by-finalize', 'only approved versions are published'],
  ['verdict-of-another-version', 'only approved versions are published'],
  ['pin-moves', 'a pinned version never changes'],
  ['threats-ignored-while-parked', 'threats end an upload'],
  ['upload-without-revision', 'no write is lost'],
  ['expired-after-finalize', 'a finalized upload does not time out'],
  ['step-without-line', 'the history has every step'],
];

/** Mutants that the search of event schedules must find. */
const MUTANTS_IN_EVENTS: readonly (readonly [patch: string, rule: Rule])[] = [
  ['refused-entry-skipped', 'no event is lost'],
  ['failed-batch-acknowledged', 'no event is lost'],
  ['expiry-published-too-early', 'events report only facts'],
  ['random-event-id', 'a repeated event is identical'],
];

/** Mutants that the exhaustive search of link interleavings must find. */
const MUTANTS_IN_INTERLEAVINGS: readonly (readonly [patch: string, rule: Rule])[] = [
  ['get-then-delete', 'one redemption wins'],
  ['receipt-without-condition', 'a receipt never changes'],
  ['revocation-without-condition', 'a receipt never changes'],
  ['revocation-without-outcome', 'every response is correct'],
  ['lost-response-not-retried', 'the winner learns that it won'],
  ['receipt-before-url', 'no link is spent without a file'],
  ['receipt-before-opening', 'no link is spent without a file'],
  ['loser-keeps-file', 'a losing function closes its file'],
  ['code-count-not-checked', 'a link allows at most five attempts'],
  ['code-counted-always', 'a link allows at most five attempts'],
  ['notice-by-losers', 'notices report only redemptions'],
  ['plan-without-condition', 'repeated requests get the same links'],
  ['carried-out-too-early', 'repeated requests get the same links'],
  ['mail-not-refunded', 'the tables agree'],
  ['mark-without-date', 'repeated requests get the same links'],
  ['loser-keeps-slot', 'a finished stream frees its slot'],
];

/** Mutants that must make a test in every-upload-link-interleaving.deep.test.ts fail. */
const MUTANTS_IN_UPLOAD_LINKS: readonly (readonly [patch: string, brokenTest: string])[] = [
  [
    'finished-after-revocation',
    'if a link is finished and revoked at the same time, one call wins and the other is refused',
  ],
  [
    'half-sent-finished',
    'if another file is opened while a link is being finished, the link is finished without that file or not at all',
  ],
  [
    'cancelled-before-place',
    'if the only file is removed while its link is being finished, one call wins, and no finished link loses its file',
  ],
  ['finished-twice-refused', 'two concurrent calls that finish a link get the same response'],
  ['tab-not-noticed', 'two tabs that open the same file get one upload, which is counted once'],
  ['places-counted-once', 'one of two files gets the last place, and the other is refused and not counted'],
  ['revoked-link-extended', 'a link that is revoked while it is being extended stays revoked'],
  [
    'file-opened-after-revocation',
    'a link that is revoked while a file is being opened accepts no more files',
  ],
  [
    'link-line-not-caught-up',
    'revoke and extend record every revision, even if a call is killed before it records its own',
  ],
];

const ALL_MUTANTS = [
  ...MUTANTS_IN_SCHEDULES,
  ...MUTANTS_IN_INTERLEAVINGS,
  ...MUTANTS_IN_UPLOADS,
  ...MUTANTS_IN_UPLOAD_INTERLEAVINGS,
  ...MUTANTS_IN_EVENTS,
];

const PATCHED = [...ALL_MUTANTS, ...MUTANTS_IN_UPLOAD_LINKS].map(([patch]) => `${patch}.patch`);

/** The report that Jest prints with `--json`. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
}

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(await realpath(tmpdir()), 'tvm-mutant-'));
  for (const folder of COPIED) {
    await mkdir(dirname(join(copy, folder)), { recursive: true });
    await cp(join(ROOT, folder), join(copy, folder), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  await writeFile(join(copy, 'package.json'), '{"type":"module"}');
});

afterAll(() => rm(copy, { recursive: true }));

/** Runs a search while a patch is applied to the copy. */
async function whileMutated<T>(name: string, search: () => Promise<T>): Promise<T> {
  await patch(name).catch((cause) => {
    const advice = 'Add the same bug to the current code, and write the patch again.';
    throw new Error(`test/mutants/${name}.patch no longer applies to the sources. ${advice}`, { cause });
  });
  try {
    return await search();
  } finally {
    await patch(name, '--reverse');
  }
}

/** Applies a patch to the copy, never to a repository that contains the copy. */
async function patch(name: string, ...options: readonly string[]): Promise<void> {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(copy) };
  await run('git', ['apply', ...options, join(PATCHES, `${name}.patch`)], { cwd: copy, env });
}

/** Runs a program in the copy. The compiled sources are cached there, because no other run uses their paths. */
function runInCopy(args: readonly string[]): Promise<{ readonly stdout: string }> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(copy, '.compiled') };
  return run(process.execPath, args, { cwd: copy, env, maxBuffer: 16 * 1024 * 1024 });
}

/**
 * Runs one test of upload links in the copy.
 *
 * @returns the names of the tests that failed
 */
async function failuresInCopy(test: string): Promise<readonly string[]> {
  const config = {
    rootDir: copy,
    runner: 'jest-light-runner',
    setupFiles: ['<rootDir>/test/support/jest-globals.js'],
    testMatch: ['<rootDir>/test/model/upload-links/*.deep.test.ts'],
    cacheDirectory: join(copy, '.cache'),
  };
  const args = [JEST, '--config', JSON.stringify(config), '--json', '--testNamePattern', `${test}$`];
  const { stdout } = await runInCopy(args).catch(
    // Jest exits with 1 if a test fails, but still prints its report.
    (failure: { readonly stdout: string }) => failure,
  );
  const { testResults } = JSON.parse(stdout) as Report;
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, title }) => (status === 'failed' ? [title] : [])),
  );
}

async function searchCopy(search: string): Promise<Finding> {
  const { stdout } = await runInCopy([join(copy, 'test/model/main.ts'), search]);
  return JSON.parse(stdout) as Finding;
}

describe('seeded bugs', () => {
  // token-life.deep.test.ts and upload-life.deep.test.ts run the schedules of links and uploads.
  test('the model finds no violation in the unchanged sources', async () => {
    expect(await searchCopy('events')).toEqual({ rule: null, schedules: 2000, story: '' });
    for (const search of ['interleavings', 'upload-interleavings']) {
      expect(await searchCopy(search)).toMatchObject({ rule: null, story: '' });
    }
  });

  test.each(MUTANTS_IN_SCHEDULES)(
    'a link schedule shows that the seeded bug %s breaks the rule "%s"',
    async (name, rule) => {
      expect((await whileMutated(name, () => searchCopy('links'))).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_INTERLEAVINGS)(
    'a link interleaving shows that the seeded bug %s breaks the rule "%s"',
    async (name, rule) => {
      expect((await whileMutated(name, () => searchCopy('interleavings'))).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_UPLOADS)(
    'an upload schedule shows that the seeded bug %s breaks the rule "%s"',
    async (name, rule) => {
      expect((await whileMutated(name, () => searchCopy('uploads'))).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_EVENTS)(
    'an event schedule shows that the seeded bug %s breaks the rule "%s"',
    async (name, rule) => {
      expect((await whileMutated(name, () => searchCopy('events'))).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_UPLOAD_INTERLEAVINGS)(
    'an upload interleaving shows that the seeded bug %s breaks the rule "%s"',
    async (name, rule) => {
      expect((await whileMutated(name, () => searchCopy('upload-interleavings'))).rule).toBe(rule);
    },
  );

  test.each(MUTANTS_IN_UPLOAD_LINKS)(
    'the seeded bug %s breaks the test of upload links "%s"',
    async (name, brokenTest) => {
      expect(await whileMutated(name, () => failuresInCopy(brokenTest))).toEqual([brokenTest]);
    },
  );

  test('every rule of the model is broken by at least one seeded bug', () => {
    const broken = new Set(ALL_MUTANTS.map(([, rule]) => rule));
    expect(RULES.filter((rule) => !broken.has(rule))).toEqual([]);
  });

  test('every patch in test/mutants is listed in this test', async () => {
    const patches = (await readdir(PATCHES)).filter((file) => file.endsWith('.patch'));
    expect(patches.sort()).toEqual([...new Set(PATCHED)].sort());
  });
});
