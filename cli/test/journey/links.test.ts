import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Endpoints } from '../../../laptop/src/endpoints.ts';
import { startLoopbackServer } from '../../../laptop/src/loopback-server.ts';
import { type Laptop, startLaptop } from '../../../test/support/laptop.ts';
import { mailTo } from '../../../test/support/mail.ts';
import { runLive, runHere as tvm } from '../support/in-process.ts';
import { dataDirOf, startTvm } from '../support/tvm.ts';

const TOKEN = /tvm_[A-Za-z0-9_-]{52}/;
const UNKNOWN = '0'.repeat(32);

const folders: ReturnType<typeof dataDirOf>[] = [];
let laptop: Laptop;
let at: readonly ['--data-dir', string];

beforeAll(async () => {
  laptop = await startLaptop();
  at = ['--data-dir', laptop.dataDir];
});
afterEach(() => {
  for (const { remove } of folders.splice(0)) remove();
});
afterAll(() => laptop.close());

/** Returns a data folder for the same local mode, with changed endpoints. */
function elsewhere(changes: Partial<Endpoints>): string {
  const folder = dataDirOf({ ...laptop.endpoints, ...changes });
  folders.push(folder);
  return folder.dataDir;
}

async function json(...args: readonly string[]) {
  const ran = await tvm([...at, ...args, '--json']);
  return { ...ran, value: JSON.parse(ran.stdout) };
}

async function issued(asset: string, ...options: readonly string[]) {
  await laptop.offer(asset, `content of ${asset}`);
  const { value } = await json('issue', asset, ...options);
  return value.links[0];
}

/** Returns the given number of different `--cidr` options. */
const networks = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => ['--cidr', `10.0.${at}.0/24`]).flat();

const idsOf = (links: readonly { readonly tokenId: string }[]) => links.map(({ tokenId }) => tokenId);

const redeem = async (url: string): Promise<Response> => fetch(url);

describe('an offered file', () => {
  test('can be downloaded once with a link, and tvm show then says that the link is redeemed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tvm-links-'));
    const content = randomBytes(3_000_000);
    writeFileSync(join(folder, 'big.bin'), content);
    await startTvm([...at, 'offer', join(folder, 'big.bin')]).ended;
    rmSync(folder, { recursive: true });
    const issuing = await runLive([...at, 'issue', 'big.bin', '--open', 'direct', '--json']);
    const { url, tokenId } = JSON.parse(issuing.stdout).links[0];

    const first = await redeem(url);
    expect(first.headers.get('content-disposition')).toContain('big.bin');
    expect(content.equals(Buffer.from(await first.arrayBuffer()))).toBe(true);
    const second = await redeem(url);
    expect(second.status).toBe(403);
    const { redeemedAt } = (await second.json()) as { readonly redeemedAt: string };

    const { value: shown } = await json('show', tokenId);
    expect(shown).toMatchObject({
      tokenId,
      asset: 'big.bin',
      size: 3_000_000,
      state: 'redeemed',
      redeemedAt,
    });
  });
});

describe('tvm issue', () => {
  test('prints one link per line and nothing else into a pipe', async () => {
    await laptop.offer('many.txt', 'x');
    const { status, stdout, stderr } = await tvm([...at, 'issue', 'many.txt', '--count', '3']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const links = stdout.trimEnd().split('\n');
    expect(new Set(links).size).toBe(3);
    for (const link of links)
      expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/redeem\?token=tvm_[\w-]{52}$/);
  });

  test('sends every option to the API', async () => {
    const { tokenId, expiresAt } = await issued(
      'options.txt',
      ...['--expires', '400d', '--open', 'direct', '--delivery', 'stream', '--note', 'for Ann'],
      ...['--cidr', '127.0.0.0/8', '--cidr', '2001:db8::/32', '--notify', 'me@example.org'],
    );
    const { value } = await json('show', tokenId);
    expect(value).toMatchObject({
      ...{ expiresAt, open: 'direct', delivery: 'stream', note: 'for Ann', notify: 'me@example.org' },
      allowedCidrs: ['127.0.0.0/8', '2001:db8::/32'],
    });
    const lifetime = (Date.parse(value.expiresAt) - Date.parse(value.issuedAt)) / 1000;
    // The expiry is rounded to a full second.
    expect(Math.ceil(lifetime)).toBe(34_560_000);
  });

  test('prints only the ID with --no-reveal, and mails the link', async () => {
    await laptop.offer('mailed.txt', 'x');
    const ran = await tvm([...at, 'issue', 'mailed.txt', '--to', 'ann@example.org', '--no-reveal']);
    expect(ran).toEqual({ status: 0, stdout: expect.stringMatching(/^[0-9a-f]{32}\n$/), stderr: '' });
    const mail = await mailTo(laptop.endpoints.inbox, 'ann@example.org');
    const [token = ''] = TOKEN.exec(mail.body.text ?? '') ?? [];
    const shown = await tvm([...at, 'show', token]);
    expect(shown.stdout).toMatch(new RegExp(`^ID\t${ran.stdout}`));
    expect(shown.stdout).toMatch(/^Recipient\tann@example\.org$/m);
  });

  test('returns the same links for the same idempotency key', async () => {
    await laptop.offer('again.txt', 'x');
    const issue = () => tvm([...at, 'issue', 'again.txt', '--count', '2', '--idempotency-key', 'again-1']);
    const first = await issue();
    expect(await issue()).toEqual(first);
    const other = await tvm([...at, 'issue', 'again.txt', '--idempotency-key', 'again-1']);
    expect(other).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('(idempotency_key_reused)'),
    });
  });

  test('issues one link even if the response is lost', async () => {
    await laptop.offer('lost.txt', 'x');
    const lossy = new URL('../support/lose-first-response.mjs', import.meta.url).href;
    const issuing = startTvm([...at, 'issue', 'lost.txt', '--json'], { NODE_OPTIONS: `--import=${lossy}` });
    const { status, stdout } = await issuing.ended;
    expect(status).toBe(0);
    const { value } = await json('list', '--asset', 'lost.txt');
    expect(idsOf(value)).toEqual(idsOf(JSON.parse(stdout).links));
  });

  test('prints the idempotency key if the API cannot be reached', async () => {
    const closed = await startLoopbackServer({ port: 0 }, async () => undefined);
    await closed.close();
    const dataDir = elsewhere({ api: `${closed.url}/v1` });
    const ran = await tvm(['--data-dir', dataDir, 'issue', 'a.txt', '--idempotency-key', 'k-1']);
    expect(ran).toMatchObject({ status: 4, stdout: '' });
    expect(ran.stderr).toMatch(/^error: A service could not be reached \(ECONNREFUSED\)\.\n/);
    expect(ran.stderr).toContain('Run the command again with --idempotency-key k-1 to get exactly the links');
  });

  test('says when to run the command again if a daily limit was reached, because nothing was issued', async () => {
    const problem = { title: 'Too many requests', code: 'quota_exceeded' };
    const full = await startLoopbackServer({ port: 0 }, async (_request, response) => {
      response.writeHead(429, { 'retry-after': '80000' }).end(JSON.stringify(problem));
    });
    const dataDir = elsewhere({ api: `${full.url}/v1` });
    const ran = await tvm(['--data-dir', dataDir, 'issue', 'a.txt', '--to', 'ann@example.org']);
    await full.close();
    expect(ran).toMatchObject({ status: 4, stdout: '' });
    expect(ran.stderr).toMatch(/\nRun the command again in about 22 hours\. Nothing is done twice\./);
    expect(ran.stderr).not.toContain('--idempotency-key');
  });

  test('prints the idempotency key if Ctrl-C is pressed before the response arrives', async () => {
    const silent = await startLoopbackServer({ port: 0 }, async () => void issuing.child.kill('SIGINT'));
    const dataDir = elsewhere({ api: `${silent.url}/v1` });
    const issuing = startTvm(['--data-dir', dataDir, 'issue', 'a.txt', '--idempotency-key', 'k-2']);
    const ran = await issuing.ended;
    await silent.close();
    expect(ran).toMatchObject({ status: 130, stdout: '' });
    expect(ran.stderr).toMatch(
      /^Stopped\. Run the command again with --idempotency-key k-2 to get exactly the links/,
    );
  });

  test.each([
    [['no-such-file'], 3, '(asset_not_found).\n"tvm assets" lists the offered files.\n'],
    [['bad.txt', '--to', 'nobody'], 2, '\n--to takes one address, such as ann@example.org.\n'],
    [['bad.txt', '--notify', 'nobody'], 2, '\n--notify takes one address, such as me@example.org.\n'],
    [['bad.txt', '--note', ''], 2, '\n--note takes one line of 1 to 200 characters.\n'],
    [['bad.txt', ...networks(17)], 2, '\n--cidr can be repeated up to 16 times.\n'],
    [['bad.txt', '--idempotency-key', 'a b'], 2, 'ASCII characters, without spaces.\n'],
  ] as const)('rejects %j, prints the reason, and does not repeat the value', async (args, status, end) => {
    await laptop.offer('bad.txt', 'x');
    const ran = await tvm([...at, 'issue', ...args]);
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(ran.stderr.endsWith(end)).toBe(true);
  });
});

describe('tvm show', () => {
  test('accepts a whole link, and prints no token', async () => {
    const { url, tokenId } = await issued('shown.txt');
    const { status, stdout, stderr } = await tvm([...at, 'show', url]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(`^ID\t${tokenId}\nState\tlive\nAsset\tshown\\.txt\nFile\tshown\\.txt\nSize\t20\n`),
    );
    expect(stdout).not.toMatch(TOKEN);
  });

  test('exits with 3 for an unknown ID', async () => {
    const ran = await tvm([...at, 'show', UNKNOWN]);
    expect(ran).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(/^error: No link has this ID\./),
    });
  });
});

describe('tvm list', () => {
  test('lists links newest first, up to --limit, across pages', async () => {
    await laptop.offer('listed.txt', 'x');
    const { value } = await json('issue', 'listed.txt', '--count', '100');
    const newest = await issued('listed.txt');
    const ids = idsOf(value.links);
    const { value: all } = await json('list', '--asset', 'listed.txt', '--all');
    expect(all[0].tokenId).toBe(newest.tokenId);
    expect(idsOf(all).toSorted()).toEqual([...ids, newest.tokenId].toSorted());
    const { stdout } = await tvm([...at, 'list', '--asset', 'listed.txt', '--limit', '2']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(lines.map(([id]) => id)).toEqual(idsOf(all.slice(0, 2)));
    expect(lines[0]).toEqual([newest.tokenId, 'live', newest.expiresAt, 'listed.txt', '']);
  });

  test('filters by recipient, and prints nothing for an unknown recipient', async () => {
    const { tokenId } = await issued('to.txt', '--to', 'bob@example.org');
    const { value } = await json('list', '--recipient', 'bob@example.org');
    expect(value).toEqual([expect.objectContaining({ tokenId, recipient: 'bob@example.org' })]);
    const nobody = await tvm([...at, 'list', '--recipient', 'nobody@example.org']);
    expect(nobody).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('tvm revoke', () => {
  test('revokes a link only with --yes, and can be run again', async () => {
    const { url, tokenId } = await issued('revoked.txt', '--open', 'direct');
    expect((await tvm([...at, 'revoke', tokenId])).status).toBe(2);
    expect((await json('show', tokenId)).value.state).toBe('live');
    const done = { status: 0, stdout: `${tokenId}\trevoked\t\n`, stderr: '' };
    expect(await tvm([...at, 'revoke', tokenId, '--yes'])).toEqual(done);
    expect(await tvm([...at, 'revoke', url, tokenId, '--yes'])).toEqual(done);
    expect((await redeem(url)).status).toBe(403);
  });

  test('for a redeemed link, prints the time and exits with 1; for an unknown ID, exits with 3', async () => {
    const { url, tokenId } = await issued('won.txt', '--open', 'direct');
    await (await redeem(url)).arrayBuffer();
    const { value: shown } = await json('show', tokenId);
    const late = await json('revoke', tokenId, '--yes');
    expect(late.status).toBe(1);
    expect(late.value).toEqual([{ tokenId, result: 'redeemed', redeemedAt: shown.redeemedAt }]);
    expect(await tvm([...at, 'revoke', UNKNOWN, '-y'])).toEqual({
      status: 3,
      stdout: `${UNKNOWN}\tunknown\t\n`,
      stderr: '',
    });
  });

  test('revokes every live link for a file, and none the second time', async () => {
    await laptop.offer('all.txt', 'x');
    await json('issue', 'all.txt', '--count', '5');
    const spent = await issued('all.txt', '--open', 'direct');
    await (await redeem(spent.url)).arrayBuffer();
    const other = await issued('another.txt');
    const { status, value } = await json('revoke', '--asset', 'all.txt', '--yes');
    expect([status, value.map(({ result }: { result: string }) => result)]).toEqual([
      0,
      Array(5).fill('revoked'),
    ]);
    expect((await json('revoke', '--asset', 'all.txt', '--yes')).value).toEqual([]);
    expect((await json('show', other.tokenId)).value.state).toBe('live');
  });
});

describe('on an 80-column terminal', () => {
  const onTerminal = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await tvm([...at, ...args], 'terminal');
    const lines = stripVTControlCharacters(stdout).trimEnd().split('\n');
    return { status, lines, stderr: stripVTControlCharacters(stderr) };
  };

  test('tvm list prints column titles, fits the width, and never shortens IDs', async () => {
    const { tokenId } = await issued(`${'a-very-long-name-'.repeat(4)}.pdf`, '--to', 'carol@example.org');
    const { status, lines } = await onTerminal('list', '--limit', '1');
    expect(status).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/^ID {32}STATE {2}EXPIRES {12}ASSET$/),
      expect.stringMatching(
        new RegExp(`^${tokenId}  live   \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\dZ  a-very-long-.*…$`),
      ),
    ]);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  test('tvm show rounds sizes and times', async () => {
    const { tokenId } = await issued('people.txt', '--expires', '7d');
    const { lines } = await onTerminal('show', tokenId);
    expect(lines).toEqual(
      expect.arrayContaining([
        `ID         ${tokenId}`,
        'State      live',
        'Size       21 bytes',
        expect.stringMatching(/^Expires {4}\d{4}-\d\d-\d\d \d\d:\d\dZ \(in \d+ days\)$/),
      ]),
    );
  });

  test('tvm issue prints the link on its own line, and what to do next on standard error', async () => {
    await laptop.offer('aside.txt', 'x');
    const { lines, stderr } = await onTerminal('issue', 'aside.txt');
    expect(lines).toEqual([expect.stringMatching(/\/redeem\?token=tvm_[\w-]{52}$/)]);
    expect(stderr).toMatch(/^Redeemable once, until .* See npx tvm --data-dir \S+ show [0-9a-f]{32}\n$/);
  });

  test('tvm issue --to says that the e-mail is on its way, and does not print the address', async () => {
    await laptop.offer('on-its-way.txt', 'x');
    const { stderr } = await onTerminal('issue', 'on-its-way.txt', '--to', 'dora@example.org');
    expect(stderr).toMatch(/^The e-mail is on its way\.\nRedeemable once, /);
    expect(stderr).not.toContain('dora');
  });

  test('tvm list says that it found no links', async () => {
    const { lines, stderr } = await onTerminal('list', '--asset', 'nothing.txt');
    expect([lines, stderr]).toEqual([[''], 'No links found.\n']);
  });
});

test('a wrong secret access key is rejected with a message about the signature', async () => {
  const ran = await tvm(['--data-dir', elsewhere({ secretAccessKey: 'x'.repeat(40) }), 'list']);
  expect(ran).toMatchObject({ status: 4, stdout: '' });
  expect(ran.stderr).toMatch(
    /^error: The signature of this request is not accepted \(invalid_signature\)\.\n/,
  );
});
