import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createClients } from '../../../laptop/src/clients.ts';
import type { RunningService } from '../../../laptop/src/loopback-server.ts';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { type Laptop, startLaptop } from '../../../test/support/laptop.ts';
import { runProgram } from '../../tvm/program.ts';
import { fakeIo, runHere as tvm } from '../support/in-process.ts';
import { startStallingProxy } from '../support/stalling-proxy.ts';
import { dataDirOf, startTvm } from '../support/tvm.ts';

const cleanups: (() => unknown)[] = [];
let laptop: Laptop;
let s3: S3Client;
let folder: string;
let at: readonly ['--data-dir', string];

beforeAll(async () => {
  laptop = await startLaptop();
  s3 = createClients(laptop.endpoints, laptop.endpoints, laptop.endpoints.region).s3;
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tvm-files-')));
  at = ['--data-dir', laptop.dataDir];
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});
afterAll(async () => {
  s3.destroy();
  rmSync(folder, { recursive: true });
  await laptop.close();
});

/** Returns a data folder for the same local mode, but with a proxy in front of S3. */
function behind(proxy: RunningService): string {
  const { dataDir, remove } = dataDirOf({ ...laptop.endpoints, s3: proxy.url });
  cleanups.push(remove, proxy.close);
  return dataDir;
}

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const versionsOf = async (Prefix: string) =>
  await s3.send(new ListObjectVersionsCommand({ Bucket: laptop.endpoints.bucket, Prefix }));
const headOf = (Key: string) => s3.send(new HeadObjectCommand({ Bucket: laptop.endpoints.bucket, Key }));

describe('tvm offer', () => {
  test('offers a file, and prints only the URL of its form into a pipe', async () => {
    const { status, stdout, stderr } = await tvm([...at, 'offer', fileOf("it's ü.pdf", 'report')]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`${laptop.endpoints.api}/?asset=it%27s%20%C3%BC.pdf\n`);
    const page = await fetch(stdout.trim());
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('it&#39;s ü.pdf')]);
    expect((await headOf("gated/it's ü.pdf")).ContentType).toBe('application/pdf');
  });

  test('describes the file in JSON', async () => {
    const { stdout } = await tvm([
      ...at,
      'offer',
      fileOf('json.txt', 'report'),
      '--as',
      '2026/json.txt',
      '--json',
    ]);
    expect(JSON.parse(stdout)).toEqual([
      {
        asset: '2026/json.txt',
        result: 'offered',
        access: 'public',
        size: 6,
        type: 'text/plain',
        storageClass: 'STANDARD',
        versionId: (await headOf('gated/2026/json.txt')).VersionId,
        sha256: '845e91831319e89c4d656bdb80c278ac09a7230d61e5dfd2e1b1fbb436ac8917',
        form: `${laptop.endpoints.api}/?asset=2026%2Fjson.txt`,
      },
    ]);
  });

  test('offers several private files in a folder, and prints the commands that issue links', async () => {
    const paths = [fileOf('a b.bin', 'a'), fileOf('c.unknown', 'c')];
    const { status, stdout } = await tvm([
      ...at,
      'offer',
      ...paths,
      '--private',
      '--as',
      'x/',
      '--storage-class',
      'standard_ia',
    ]);
    const self = `npx tvm --data-dir ${laptop.dataDir}`;
    expect(status).toBe(0);
    expect(stdout).toBe(`${self} issue 'private/x/a b.bin'\n${self} issue private/x/c.unknown\n`);
    expect(await headOf('private/x/c.unknown')).toMatchObject({
      ContentType: 'application/octet-stream',
      StorageClass: 'STANDARD_IA',
    });
  });

  test('changes nothing if the same bytes are already offered', async () => {
    const path = fileOf('same.txt', 'same');
    const [first] = JSON.parse((await tvm([...at, 'offer', path, '--json'])).stdout);
    const [second] = JSON.parse((await tvm([...at, 'offer', path, '--json'])).stdout);
    expect(second).toEqual({ ...first, result: 'unchanged' });
  });

  test('replaces a file only with --yes', async () => {
    await tvm([...at, 'offer', fileOf('other.txt', 'one')]);
    const path = fileOf('other.txt', 'two');
    const refused = await tvm([...at, 'offer', path]);
    expect(refused).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('Add --yes to go ahead.'),
    });
    expect((await versionsOf('gated/other.txt')).Versions).toHaveLength(1);
    const [replaced] = JSON.parse((await tvm([...at, 'offer', path, '--yes', '--json'])).stdout);
    expect(replaced).toMatchObject({
      result: 'replaced',
      versionId: (await headOf('gated/other.txt')).VersionId,
    });
  });

  test('offers none of several files if one of them is missing or is a folder', async () => {
    const path = fileOf('innocent.txt', 'x');
    const missing = await tvm([...at, 'offer', path, join(folder, 'missing.txt')]);
    expect(missing).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/missing\.txt does not exist\.\n$/),
    });
    expect(await tvm([...at, 'offer', path, folder])).toMatchObject({ status: 2 });
    expect((await versionsOf('gated/innocent.txt')).Versions ?? []).toEqual([]);
  });

  test('refuses a named pipe without waiting for a writer', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await startTvm([...at, 'offer', pipe]).ended).toEqual({
      status: 2,
      stdout: '',
      stderr: `error: ${pipe} is a pipe, not a file.\nSave its contents to a file first.\n`,
    });
  });

  describe('with a symbolic link', () => {
    /** Creates a symbolic link. Returns its path, the path of its target, and the S3 key for offering it. */
    function linkTo(name: string) {
      const secret = fileOf(`secret of ${name}`, 'secret');
      symlinkSync(secret, join(folder, name));
      return { path: join(folder, name), secret, key: `gated/${name}` };
    }

    test.each([[[]], [['--yes']]])('offers nothing without a terminal (options: %j)', async (options) => {
      const { path, secret, key } = linkTo(`unasked${options.length}.txt`);
      expect(await tvm([...at, 'offer', path, ...options])).toEqual({
        status: 2,
        stdout: '',
        stderr: `error: Cannot ask for confirmation without a terminal: ${path} leads to ${secret} through a symbolic link. Offer that file?\nAdd --follow-links to go ahead.\n`,
      });
      expect((await versionsOf(key)).Versions ?? []).toEqual([]);
    });

    test('offers the target with --follow-links', async () => {
      const { path, key } = linkTo('followed.txt');
      expect(await tvm([...at, 'offer', path, '--follow-links'])).toMatchObject({ status: 0, stderr: '' });
      expect((await headOf(key)).ContentLength).toBe('secret'.length);
    });

    test.each([
      ['y', 0, 1],
      ['n', 1, 0],
    ])(
      'asks on a terminal, even with --yes, and obeys the answer (%s)',
      async (response, status, offered) => {
        const { path, secret, key } = linkTo(`asked-${response}.txt`);
        const { io, stdin, stderr } = fakeIo('terminal');
        stdin.write(`${response}\n`);
        expect(await runProgram([...at, 'offer', path, '--yes'], io)).toBe(status);
        expect(stderr()).toContain(
          `${path} leads to ${secret} through a symbolic link. Offer that file? [y/N] `,
        );
        expect((await versionsOf(key)).Versions ?? []).toHaveLength(offered);
      },
    );
  });

  test('retries after the connection breaks', async () => {
    let puts = 0;
    const proxy = await startFaultProxy(laptop.endpoints.s3, (_, { method }) => {
      if (method === 'PUT') puts += 1;
      return { fate: method === 'PUT' && puts === 1 ? 'lose-request' : 'pass' };
    });
    const dataDir = behind(proxy);
    const ran = await startTvm(['--data-dir', dataDir, 'offer', fileOf('shaky.txt', 'shaky')]).ended;
    expect({ ...ran, puts }).toMatchObject({ status: 0, stderr: '', puts: 2 });
  });

  test.each([
    ['one piece', 5, 'SIGINT', 130],
    ['one piece', 5, 'SIGTERM', 143],
    ['parts', 200_000_001, 'SIGINT', 130],
  ] as const)(
    'leaves nothing behind when it is stopped halfway (%s, %d bytes, %s)',
    async (_, size, signal, status) => {
      const path = fileOf('stopped.bin', 'start');
      truncateSync(path, size);
      const proxy = await startStallingProxy(laptop.endpoints.s3, () => running.child.kill(signal));
      const dataDir = behind(proxy);
      const running = startTvm(['--data-dir', dataDir, 'offer', path]);
      expect(await running.ended).toEqual({ status, stdout: '', stderr: 'Stopped.\n' });
      const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket: laptop.endpoints.bucket }));
      expect([uploads.Uploads ?? [], (await versionsOf('gated/stopped.bin')).Versions ?? []]).toEqual([
        [],
        [],
      ]);
    },
  );
});

describe('tvm assets', () => {
  test('lists all files, or only those whose names begin with a given prefix', async () => {
    const path = fileOf('listed.txt', 'four');
    await tvm([...at, 'offer', path, '--as', 'lists/one.txt']);
    await tvm([...at, 'offer', path, '--as', 'lists/two.txt', '--private']);
    const all: { asset: string }[] = JSON.parse((await tvm([...at, 'assets', '--json'])).stdout);
    expect(all.find(({ asset }) => asset === 'private/lists/two.txt')).toEqual({
      asset: 'private/lists/two.txt',
      access: 'private',
      size: 4,
      modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      storageClass: 'STANDARD',
    });
    const { stdout } = await tvm([...at, 'assets', '--prefix', 'lists/']);
    expect(stdout).toMatch(/^lists\/one\.txt\tpublic\t4\t\S+\tSTANDARD\n$/);
  });
});

describe('tvm withdraw', () => {
  test('withdraws a file only with --yes, keeps the stored version, and can be run again', async () => {
    await tvm([...at, 'offer', fileOf('gone.txt', 'gone')]);
    const asked = await tvm([...at, 'withdraw', 'gone.txt']);
    expect(asked).toMatchObject({ status: 2, stdout: '' });
    expect((await headOf('gated/gone.txt')).ContentLength).toBe(4);
    const done = await tvm([...at, 'withdraw', 'gone.txt', '--yes']);
    expect(done).toEqual({ status: 0, stdout: 'gone.txt\twithdrawn\n', stderr: '' });
    const { Versions = [], DeleteMarkers = [] } = await versionsOf('gated/gone.txt');
    expect([Versions.length, DeleteMarkers.length]).toEqual([1, 1]);
    const again = await tvm([...at, 'withdraw', 'gone.txt', 'gone.txt', '--json']);
    expect([again.status, JSON.parse(again.stdout)]).toEqual([
      3,
      [{ asset: 'gone.txt', result: 'not-offered' }],
    ]);
  });
});
