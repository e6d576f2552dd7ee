import {
  appendFileSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EXIT_CODES } from '../../tvm/exit-codes.ts';
import { runProgram } from '../../tvm/program.ts';
import { FakeUploads, SECRET } from '../support/fake-uploads.ts';
import { fakeIo, type Ran, type Setting } from '../support/in-process.ts';
import { startTvm } from '../support/tvm.ts';

const MEBIBYTE = 1024 * 1024;
/** A sparse file of five parts, the last one smaller. */
const LARGE = 65 * MEBIBYTE + 1;
const PARTS = 5;

let fake: FakeUploads;
let folder: string;
const printed: string[] = [];

beforeEach(async () => {
  fake = await FakeUploads.start();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tvm-uploads-')));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await fake.close();
  expect(printed.splice(0).join('\n')).not.toContain(SECRET);
});

function fileOf(name: string, content: string, size = content.length): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  truncateSync(path, size);
  return path;
}

const largeFile = () => fileOf('film.mp4', 'large', LARGE);
const smallFile = () => fileOf('report.pdf', '%PDF-1.7 report');

/** Runs a command with the fake, on a clock that moves when the command waits. */
async function tvm(args: readonly string[], setting: Setting = 'pipe'): Promise<Ran & { waited: number }> {
  const { io, stdout, stderr } = fakeIo(setting);
  const started = io.now().getTime();
  const status = await runProgram(['--data-dir', fake.dataDir, ...args], io);
  printed.push(stdout(), stderr());
  return { status, stdout: stdout(), stderr: stderr(), waited: (io.now().getTime() - started) / 1000 };
}

const objectId = () => `d${fake.only.uploadId.slice(1)}`;
const statusOf = (ending: keyof typeof EXIT_CODES) => EXIT_CODES[ending].status;

describe('tvm upload', () => {
  test('sends a small file whole, and prints only the ID of its object in a pipe', async () => {
    const ran = await tvm(['upload', smallFile()]);
    expect(ran).toMatchObject({ status: 0, stdout: `${objectId()}\n`, stderr: '' });
    expect(fake.only.object?.toString()).toBe('%PDF-1.7 report');
    expect(fake.only.declared).toMatchObject({ fileName: 'report.pdf', type: 'application/pdf' });
    expect(fake.calls).toEqual(['POST /uploads', 'POST /uploads/finalize', 'GET /uploads']);
  });

  test('sends a large file in parts, four at a time, and asks for their URLs four at a time', async () => {
    const ran = await tvm(['upload', largeFile(), '--name', 'a.bin', '--type', 'video/mp4']);
    expect(ran).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
    expect(fake.only).toMatchObject({
      state: 'published',
      declared: { fileName: 'a.bin', type: 'video/mp4' },
    });
    expect(fake.only.object?.length).toBe(LARGE);
    expect(fake.mostUnderWay).toBe(4);
    expect(fake.bodies.flatMap((body) => Object.values(body as object)).filter(Array.isArray)).toEqual([
      [1, 2, 3, 4],
      [5],
    ]);
  });

  test('describes the upload in JSON, without the URL', async () => {
    const { stdout } = await tvm(['upload', smallFile(), '--json']);
    expect(JSON.parse(stdout)).toEqual({
      uploadId: fake.only.uploadId,
      objectId: objectId(),
      state: 'published',
      fileName: 'report.pdf',
      size: 15,
      type: 'application/pdf',
      createdAt: '2026-11-23T11:00:00Z',
      sessionExpiresAt: '2099-01-01T00:00:00Z',
      sent: 15,
    });
  });

  test('says on a terminal how to issue a link, with progress before', async () => {
    const { stderr } = await tvm(['upload', smallFile()], 'terminal');
    expect(stderr).toContain('Uploading report.pdf  [########################] 100 %');
    expect(stderr).toContain('report.pdf is published: 15 bytes, application/pdf.');
    expect(stderr).toContain(`npx tvm --data-dir ${fake.dataDir} issue --object ${objectId()}`);
  });

  test.each([
    ['small', smallFile],
    ['large', largeFile],
  ])('sends nothing if the same file was published before, and says so (%s)', async (_, file) => {
    const path = file();
    await tvm(['upload', path]);
    const puts = fake.puts.length;
    const again = await tvm(['upload', path], 'terminal');
    expect(again).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
    expect(again.stderr).toContain('It was uploaded before, so nothing was sent.');
    expect(JSON.parse((await tvm(['upload', path, '--json'])).stdout).sent).toBe(0);
    expect(fake.puts).toHaveLength(puts);
  });

  test('opens another upload if the file has changed, or is sent under another name', async () => {
    const path = smallFile();
    await tvm(['upload', path]);
    await tvm(['upload', path, '--name', 'other.pdf']);
    appendFileSync(path, 'more');
    await tvm(['upload', path]);
    expect(fake.uploads.size).toBe(3);
  });

  test.each([
    ['cancelled or timed out', 'expired', 'timed_out'],
    ['with other bytes', 'rejected', 'checksum_mismatch'],
  ] as const)('opens another session if the first has ended %s', async (_, state, reason) => {
    const path = smallFile();
    await tvm(['upload', path]);
    Object.assign(fake.only, { state, reason });
    expect(await tvm(['upload', path])).toMatchObject({ status: 0 });
    expect([...fake.uploads.values()].map((upload) => upload.state)).toEqual([state, 'published']);
  });

  test.each([
    ['of 0 bytes', () => fileOf('empty.txt', ''), [], 'usage', /is empty\.\n$/],
    ['that does not exist', () => join(folder, 'none'), [], 'notFound', /does not exist\.\n$/],
  ] as const)('refuses a file %s without calling the API', async (_, file, options, ending, message) => {
    const { status, stderr } = await tvm(['upload', file(), ...options]);
    expect({ status, stderr }).toEqual({ status: statusOf(ending), stderr: expect.stringMatching(message) });
    expect(fake.calls).toEqual([]);
  });

  test('does not follow a symbolic link without asking', async () => {
    symlinkSync(smallFile(), join(folder, 'link'));
    const asked = await tvm(['upload', join(folder, 'link'), '--yes']);
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('Upload that file?') });
    expect(await tvm(['upload', join(folder, 'link'), '--follow-links'])).toMatchObject({ status: 0 });
  });
});

describe('an interrupted upload', () => {
  test('goes on after the process was killed, with the parts that S3 does not have', async () => {
    const path = largeFile();
    fake.pageSize = 1;
    const killed = startTvm(['--data-dir', fake.dataDir, 'upload', path]);
    // The fifth part is not sent before one of the first four has been stored.
    fake.onPut = (part) => {
      if (part < PARTS) return undefined;
      killed.child.kill('SIGKILL');
      return 'break';
    };
    await killed.ended;
    const stored = fake.only.parts.size;
    fake.onPut = () => undefined;
    fake.puts.splice(0);
    const { status, stdout } = await tvm(['upload', path, '--json']);
    expect(status).toBe(0);
    expect(fake.puts).toHaveLength(PARTS - stored);
    expect(JSON.parse(stdout).sent).toBeLessThan(LARGE);
    expect(fake.only.state).toBe('published');
  });

  test('goes on after Ctrl-C, which says how', async () => {
    const path = largeFile();
    const { io, stop, stderr } = fakeIo('pipe');
    fake.onPut = (part) => {
      if (part === 3) stop.abort();
      return undefined;
    };
    expect(await runProgram(['--data-dir', fake.dataDir, 'upload', path], io)).toBe(130);
    expect(stderr()).toBe('Stopped. Run the same command again to go on from there.\n');
    expect(await tvm(['upload', path])).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
  });

  test('sends nothing if S3 has assembled the file, but the answer of finalize was lost', async () => {
    const path = largeFile();
    await tvm(['upload', path]);
    Object.assign(fake.only, { state: 'created' });
    const puts = fake.puts.length;
    expect(await tvm(['upload', path])).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
    expect(fake.puts).toHaveLength(puts);
  });

  test('waits for the verdict again after Ctrl-C, and sends nothing', async () => {
    const path = smallFile();
    const { io, stop } = fakeIo('pipe');
    fake.onCall = (call) => {
      if (call === 'GET /uploads') stop.abort();
      return undefined;
    };
    expect(await runProgram(['--data-dir', fake.dataDir, 'upload', path], io)).toBe(130);
    fake.onCall = () => undefined;
    expect(JSON.parse((await tvm(['upload', path, '--json'])).stdout)).toMatchObject({
      state: 'published',
      sent: 0,
    });
  });
});

describe('a failing transfer', () => {
  /** Lets the first PUTs of a part fail. */
  function failFirst(part: number, times: number, fault: ReturnType<FakeUploads['onPut']>): void {
    let left = times;
    fake.onPut = (one) => (one === part && left-- > 0 ? fault : undefined);
  }

  test.each([
    ['a part', largeFile, 3],
    ['a whole file', smallFile, 0],
  ])('asks for another URL if that of %s has expired', async (_, file, part) => {
    failFirst(part, 2, { status: 403, code: 'AccessDenied' });
    expect(await tvm(['upload', file()])).toMatchObject({ status: 0 });
    expect(fake.signed.get(part)).toBe(3);
    expect(fake.puts.filter((put) => put.part === part).map(({ status }) => status)).toEqual([403, 403, 200]);
  });

  test.each([
    ['the connection breaks', 'break'],
    ['S3 is overloaded', { status: 503, code: 'SlowDown' }],
    ['S3 writes to the same key', { status: 409, code: 'ConditionalRequestConflict' }],
  ] as const)('sends a part again if %s, with longer and longer pauses', async (_, fault) => {
    failFirst(2, 5, fault);
    const ran = await tvm(['upload', largeFile(), '--json']);
    expect(ran.status).toBe(0);
    expect(ran.waited).toBeGreaterThanOrEqual(0.5 + 1 + 2 + 4 + 8);
  });

  test.each([
    [403, 'AccessDenied', 'no'],
    [503, 'SlowDown', 'unreachable'],
  ] as const)(
    'gives up after six attempts, and prints only the code of S3 (%d)',
    async (status, code, ending) => {
      failFirst(2, 99, { status, code });
      const ran = await tvm(['upload', largeFile()]);
      expect(ran).toMatchObject({ status: statusOf(ending), stdout: '' });
      expect(ran.stderr).toContain(`S3 refused the file with HTTP status ${status} (${code}).`);
      expect(fake.signed.get(2)).toBe(6);
    },
  );

  test('fails without a retry if S3 refuses the request for good', async () => {
    failFirst(0, 99, { status: 400, code: 'InvalidRequest' });
    expect(await tvm(['upload', smallFile()])).toMatchObject({ status: 1 });
    expect(fake.puts).toHaveLength(1);
  });

  test('takes 412 for an earlier PUT whose answer was lost', async () => {
    const path = smallFile();
    fake.onPut = () => {
      fake.only.object = Buffer.from('%PDF-1.7 report');
      return undefined;
    };
    expect(await tvm(['upload', path])).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
    expect(fake.puts).toEqual([{ part: 0, status: 412 }]);
  });

  test('sends a part again that S3 has with another size', async () => {
    const path = largeFile();
    fake.onCall = (call) => {
      if (call === 'GET /uploads/parts')
        fake.only.parts.set(1, Buffer.alloc(3)).set(5, Buffer.alloc(MEBIBYTE + 1));
      return undefined;
    };
    expect(await tvm(['upload', path])).toMatchObject({ status: 0 });
    expect(fake.puts.map(({ part }) => part).sort()).toEqual([1, 2, 3, 4]);
  });

  test('ends if the API signs a part of another size', async () => {
    const path = largeFile();
    fake.onCall = (call) => {
      if (call === 'POST /uploads/parts') Object.assign(fake.only.declared, { size: LARGE - 1 });
      return undefined;
    };
    expect(await tvm(['upload', path])).toMatchObject({
      status: 4,
      stderr: 'error: The API signed the wrong request for part 5.\n',
    });
  });

  test.each([
    ['small', smallFile],
    ['large', largeFile],
  ])('cancels the session if the file changes meanwhile (%s)', async (_, file) => {
    const path = file();
    fake.onCall = (call) => {
      if (call === 'POST /uploads') appendFileSync(path, 'more');
      return undefined;
    };
    expect(await tvm(['upload', path])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('changed during the upload.'),
    });
    expect(fake.only).toMatchObject({ state: 'expired', reason: 'cancelled' });
  });

  test('says to run it again if finalize finds something missing', async () => {
    fake.onCall = (call) =>
      call === 'POST /uploads/finalize' ? { status: 409, code: 'upload_incomplete' } : undefined;
    expect(await tvm(['upload', smallFile()])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it sends what is missing'),
    });
  });
});

describe('a refusal of the API', () => {
  test('is tried again after the seconds that Retry-After names', async () => {
    let left = 2;
    fake.onCall = () => (left-- > 0 ? { status: 429, code: 'quota_exceeded', retryAfter: 7 } : undefined);
    const ran = await tvm(['upload', smallFile()]);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.waited).toBeGreaterThanOrEqual(14);
  });

  test.each(['open_uploads', 'upload_bytes'])(
    'names the limit and when to run it again (%s)',
    async (limit) => {
      fake.onCall = () => ({ status: 429, code: 'quota_exceeded', retryAfter: 7200, limit });
      expect(await tvm(['upload', smallFile()])).toMatchObject({
        status: 4,
        stdout: '',
        stderr: `error: No (quota_exceeded: ${limit}).\nRun it again in about 2 hours. Nothing is done twice.\n`,
      });
    },
  );

  test.each([
    [413, 'upload_too_large', 1, 'uploadMaxBytes'],
    [422, 'type_not_allowed', 1, '--type'],
    [403, 'access_denied', 4, 'execute-api:Invoke'],
  ])('says what to do about it (%d %s)', async (status, code, exit, hint) => {
    fake.onCall = () => ({ status, code });
    expect(await tvm(['upload', smallFile()])).toMatchObject({
      status: exit,
      stderr: expect.stringContaining(hint),
    });
  });
});

describe('the verdict', () => {
  test('is asked for again and again, at first after a second, later every ten', async () => {
    fake.verdict.reads = 10;
    const ran = await tvm(['upload', smallFile()]);
    const pauses = [1, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10, 10, 10, 10];
    expect(ran.status).toBe(0);
    expect(ran.waited).toBeCloseTo(
      pauses.reduce((sum, pause) => sum + pause, 0),
      1,
    );
  });

  test('that does not come within ten minutes has its own exit code', async () => {
    fake.verdict.reads = Number.POSITIVE_INFINITY;
    const ran = await tvm(['upload', smallFile()]);
    expect(ran).toMatchObject({
      status: statusOf('pending'),
      stdout: `${objectId()}\n`,
      stderr:
        'error: The malware scan has not answered yet.\nRun the same command again: it sends nothing, and keeps waiting.\n',
    });
    expect(ran.waited).toBeGreaterThanOrEqual(600);
    expect(ran.waited).toBeLessThan(611);
  });

  test('is not awaited with --no-wait', async () => {
    const ran = await tvm(['upload', smallFile(), '--no-wait']);
    expect(ran).toMatchObject({ status: 0, stdout: `${objectId()}\n`, stderr: '', waited: 0 });
    expect(fake.only.state).toBe('finalized');
  });

  test.each([
    ['rejected', 'malware', 'no', 'found a threat'],
    ['rejected', 'type_mismatch', 'no', '--type'],
    ['rejected', 'operator', 'no', 'An operator rejected it'],
    ['expired', 'timed_out', 'no', 'another session'],
    ['parked', 'unsupported', 'parked', 'tvm --data-dir'],
  ] as const)(
    'ends the command with a message and an exit code (%s, %s)',
    async (state, reason, ending, hint) => {
      fake.verdict = { state, reason, reads: 2 };
      const ran = await tvm(['upload', smallFile()]);
      expect(ran).toMatchObject({
        status: statusOf(ending),
        stdout: ending === 'parked' ? `${objectId()}\n` : '',
        stderr: expect.stringContaining(hint),
      });
      expect(ran.stderr).toContain(`(${reason})`);
    },
  );

  test('is part of the JSON even if the command fails', async () => {
    fake.verdict = { state: 'rejected', reason: 'malware', reads: 1 };
    const { status, stdout } = await tvm(['upload', smallFile(), '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'rejected', reason: 'malware', sent: 15 });
  });

  test('against a file is repeated by the next run, which sends nothing', async () => {
    fake.verdict = { state: 'rejected', reason: 'malware', reads: 1 };
    const path = smallFile();
    await tvm(['upload', path]);
    expect(await tvm(['upload', path])).toMatchObject({ status: 1, stdout: '' });
    expect(fake.puts).toHaveLength(1);
  });
});

describe('tvm uploads', () => {
  /** Uploads files that end in these states. */
  async function uploaded(...states: readonly FakeUploads['only']['state'][]): Promise<readonly string[]> {
    for (const [at, state] of states.entries()) {
      fake.verdict = { state, reads: 1 };
      await tvm(['upload', fileOf(`${at}.txt`, state)]);
    }
    return [...fake.uploads.values()].map(({ uploadId }) => uploadId);
  }

  test('lists uploads in progress and parked ones, or those in a state', async () => {
    const [published, parked] = await uploaded('published', 'parked');
    const open = await tvm(['uploads']);
    expect(open).toMatchObject({
      status: 0,
      stdout: `${parked}\tparked\t\t2026-11-23T11:05:00Z\t6\t1.txt\tiam:AROAEXAMPLE\n`,
    });
    const { stdout } = await tvm(['uploads', 'list', '--state', 'published', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ uploadId: published, tenant: 'iam:AROAEXAMPLE' }]);
    expect((await tvm(['uploads', '--limit', '1'], 'terminal')).stdout).toContain(parked);
    expect((await tvm(['uploads', '--state', 'expired'], 'terminal')).stderr).toContain('No uploads found.');
  });

  test('lists an upload that has just ended in its state', async () => {
    const ids = await uploaded('published', 'published', 'rejected');
    const [first, , third] = fake.uploads.values();
    for (const upload of [first, third]) Object.assign(upload ?? {}, { closing: true });
    const { stdout } = await tvm(['uploads', '--state', 'published', '--json']);
    const listed = JSON.parse(stdout).map(({ uploadId }: { readonly uploadId: string }) => uploadId);
    expect(listed).toEqual(ids.slice(0, 2));
    const cut = await tvm(['uploads', '--state', 'published', '--limit', '1'], 'terminal');
    expect(cut.stderr).toContain('There are more.');
  });

  test('shows an upload with its history, by its own ID or that of its object', async () => {
    const [id = ''] = await uploaded('parked');
    const shown = await tvm(['uploads', 'show', id]);
    expect(shown.stdout).toContain(`Upload\t${id}\nObject\t${objectId()}\nState\tparked\n`);
    expect(shown.stdout).toContain('2026-11-23T11:05:00Z\tparked unsupported unsupported\n');
    expect((await tvm(['uploads', 'show', objectId()])).stdout).toBe(shown.stdout);
    expect(JSON.parse((await tvm(['uploads', 'show', id, '--json'])).stdout).history).toHaveLength(2);
  });

  test.each([
    ['release', 'published'],
    ['reject', 'rejected'],
  ] as const)('%s asks first, and makes a parked upload %s', async (decision, state) => {
    const [id = ''] = await uploaded('parked');
    const asked = await tvm(['uploads', decision, id]);
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('Add --yes to go ahead.') });
    expect(fake.only.state).toBe('parked');
    const done = await tvm(['uploads', decision, id, '--yes', '--json']);
    expect([done.status, JSON.parse(done.stdout)]).toEqual([
      0,
      expect.objectContaining({ uploadId: id, state }),
    ]);
  });

  test('rescan does not ask', async () => {
    const [id = ''] = await uploaded('parked');
    expect(await tvm(['uploads', 'rescan', id])).toMatchObject({ status: 0, stderr: '' });
    expect(fake.calls.at(-1)).toBe('POST /operator/uploads/rescan');
  });

  test('refuses to release what is not parked, and an unknown ID', async () => {
    const [id = ''] = await uploaded('published');
    expect(await tvm(['uploads', 'release', id, '--yes'])).toMatchObject({
      status: 1,
      stderr: 'error: No (not_parked).\n',
    });
    expect(await tvm(['uploads', 'show', `c${'0'.repeat(31)}`])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('No upload has this ID.'),
    });
  });
});
