import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalFile, openLocalFile } from '../../../files/local-file.ts';
import { readRange } from '../../../files/read-file.ts';

let folder: string;
const opened: LocalFile[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tvm-local-file-')));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ handle }) => handle.close()));
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

function write(name: string, content: string): string {
  writeFileSync(at(name), content);
  return at(name);
}

function link(name: string, target: string): string {
  symlinkSync(target, at(name));
  return at(name);
}

function pipe(name: string): string {
  execFileSync('mkfifo', [at(name)]);
  return at(name);
}

/** A person's answer when asked whether to follow a link. */
type Answer = (target: string) => Promise<void>;
const yes: Answer = async () => undefined;
const no: Answer = async () => {
  throw new Error('declined');
};

async function open(path: string, confirmLink = no, currentFolder = '/'): Promise<LocalFile> {
  const file = await openLocalFile(path, confirmLink, currentFolder);
  opened.push(file);
  return file;
}

/** Reads the bytes that an upload of the file would send. */
async function contentOf({ handle, size }: LocalFile): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readRange(handle, { start: 0, length: size })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('openLocalFile', () => {
  test('opens a regular file without asking', async () => {
    expect(await contentOf(await open(write('report.txt', 'report')))).toBe('report');
  });

  test('reads the file that it opened, even if another file then takes its name', async () => {
    const file = await open(write('report.txt', 'report'));
    renameSync(write('secret', 'secret'), at('report.txt'));
    expect(await contentOf(file)).toBe('report');
  });

  test('reports a missing file as not found', async () => {
    await expect(open(at('missing'))).rejects.toMatchObject({
      ending: 'notFound',
      message: `${at('missing')} does not exist.`,
    });
  });

  test('reports why a file could not be read, instead of a bug', async () => {
    const path = at('x'.repeat(300));
    await expect(open(path)).rejects.toMatchObject({
      ending: 'no',
      message: `${path} could not be read (ENAMETOOLONG).`,
    });
  });

  test('refuses a folder', async () => {
    await expect(open(folder)).rejects.toMatchObject({
      ending: 'usage',
      message: `${folder} is a folder, not a file.`,
      hint: 'Specify the files in it.',
    });
  });

  test('refuses a named pipe without waiting for a writer', async () => {
    const path = pipe('pipe');
    await expect(open(path)).rejects.toMatchObject({
      ending: 'usage',
      message: `${path} is a pipe, not a file.`,
    });
  });

  test('refuses a socket', async () => {
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    await expect(open(at('socket'))).rejects.toMatchObject({
      ending: 'usage',
      message: `${at('socket')} is a socket, not a file.`,
    });
    await new Promise((closed) => server.close(closed));
  });

  test('refuses a device', async () => {
    await expect(open('/dev/null')).rejects.toMatchObject({
      ending: 'usage',
      message: '/dev/null is a device, not a file.',
    });
  });
});

describe('openLocalFile with a symbolic link', () => {
  test('asks first, and names the file at the end of a chain of links', async () => {
    const secret = write('secret', 'secret');
    const path = link('report.txt', link('detour', secret));
    const asked: string[] = [];
    const file = await open(path, async (target) => void asked.push(target));
    expect(asked).toEqual([secret]);
    expect(file.path).toBe(path);
    expect(await contentOf(file)).toBe('secret');
  });

  test('fails if the answer is no', async () => {
    await expect(open(link('report.txt', write('secret', 'secret')))).rejects.toThrow('declined');
  });

  test('opens the file that the question named, even if the link changes before the answer', async () => {
    const path = link('report.txt', write('harmless', 'harmless'));
    const file = await open(path, async () => {
      unlinkSync(path);
      symlinkSync(write('secret', 'secret'), path);
    });
    expect(await contentOf(file)).toBe('harmless');
  });

  test.each([
    ['a pipe', () => pipe('target')],
    ['a folder', () => folder],
    ['a device', () => '/dev/null'],
  ])('refuses a link to %s without asking', async (kind, target) => {
    const path = link('report.txt', target());
    await expect(open(path)).rejects.toMatchObject({
      ending: 'usage',
      message: `${path} is ${kind}, not a file.`,
    });
  });

  test.each([
    ['nowhere', 'missing', 'notFound', 'does not exist.'],
    ['to itself', 'report.txt', 'no', 'is a symbolic link that does not lead to a file.'],
  ])('refuses a link that leads %s', async (_, target, ending, message) => {
    const path = link('report.txt', at(target));
    await expect(open(path, yes)).rejects.toMatchObject({ ending, message: `${path} ${message}` });
  });
});

describe('openLocalFile with a path through a symbolic link', () => {
  beforeEach(async () => {
    await mkdir(at('secrets'));
    write('secrets/report.txt', 'secret');
    await mkdir(at('work/2026'), { recursive: true });
    write('work/report.txt', 'report');
  });

  test('asks first, and names the actual file', async () => {
    const asked: string[] = [];
    const path = join(link('work/reports', at('secrets')), 'report.txt');
    const file = await open(path, async (target) => void asked.push(target));
    expect(asked).toEqual([at('secrets/report.txt')]);
    expect(await contentOf(file)).toBe('secret');
  });

  test.each([
    ['up to a parent of the current folder', '..', 'up/secrets/report.txt'],
    ['elsewhere, even if the path leads back with ".."', '../secrets', 'up/../secrets/report.txt'],
  ])('asks about a link in the current folder that leads %s', async (_, target, path) => {
    link('work/up', target);
    await expect(open(`${at('work')}/${path}`, no, at('work'))).rejects.toThrow('declined');
  });

  test('does not ask about a link above the current folder', async () => {
    const alias = link('alias', at('work'));
    expect(await contentOf(await open(join(alias, 'report.txt'), no, at('work')))).toBe('report');
  });

  test('asks about a link below the current folder, even if there is another link above that folder', async () => {
    const alias = link('alias', at('work'));
    link('work/reports', at('secrets'));
    await expect(open(join(alias, 'reports/report.txt'), no, at('work'))).rejects.toThrow('declined');
  });

  test('does not ask about a link in the root folder, such as /bin on Linux', async () => {
    expect((await open('/bin/bash')).size).toBeGreaterThan(0);
  });
});

test('openLocalFile opens only the file that it checked, however often another file takes its name', async () => {
  const secret = write('secret', 'secret');
  const path = write('report.txt', 'report');
  const standing = pipe('pipe');
  const namedAgain = (): string => {
    linkSync(standing, at('next'));
    return at('next');
  };
  const stand = [() => write('next', 'report'), () => link('next', secret), namedAgain];
  const seen = new Set<string>();
  for (let attempt = 0; attempt < 100; attempt += 1) {
    let isOpening = true;
    const opening = open(path)
      .then(contentOf, ({ message }: Error) => message)
      .finally(() => {
        isOpening = false;
      });
    for (let turn = attempt; isOpening; turn += 1) {
      renameSync(stand[turn % stand.length]?.() ?? path, path);
      // Gives openLocalFile time for one system call.
      await setImmediate();
    }
    seen.add(await opening);
    renameSync(write('next', 'report'), path);
  }
  expect(seen).not.toContain('secret');
});

test('openLocalFile opens only the file that it checked, however often its folder is replaced', async () => {
  await mkdir(at('secrets'));
  write('secrets/report.txt', 'secret');
  await mkdir(at('folder'));
  write('folder/report.txt', 'report');
  link('link', at('secrets'));
  const toLink = () => {
    renameSync(at('folder'), at('kept'));
    renameSync(at('link'), at('folder'));
  };
  const toFolder = () => {
    renameSync(at('folder'), at('link'));
    renameSync(at('kept'), at('folder'));
  };
  const seen = new Set<string>();
  for (let attempt = 0; attempt < 100; attempt += 1) {
    let isOpening = true;
    let isLink = false;
    const opening = open(at('folder/report.txt'))
      .then(contentOf, ({ message }: Error) => message)
      .finally(() => {
        isOpening = false;
      });
    for (let turn = 0; isOpening; turn += 1) {
      if (turn % (1 + (attempt % 5)) === 0) {
        (isLink ? toFolder : toLink)();
        isLink = !isLink;
      }
      await setImmediate();
    }
    seen.add(await opening);
    if (isLink) toFolder();
  }
  expect(seen).not.toContain('secret');
});
