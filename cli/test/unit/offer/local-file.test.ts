import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
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
import { readStretch } from '../../../offer/file-digest.ts';
import { type LocalFile, openLocalFile } from '../../../offer/local-file.ts';

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

/** What a person answers who is asked about a link. */
type Answer = (target: string) => Promise<void>;
const yes: Answer = async () => undefined;
const no: Answer = async () => {
  throw new Error('declined');
};

async function open(path: string, confirmLink = no): Promise<LocalFile> {
  const file = await openLocalFile(path, confirmLink);
  opened.push(file);
  return file;
}

/** What an upload of the file would send. */
async function contentOf({ handle, size }: LocalFile): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readStretch(handle, 0, size)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('A file to be offered', () => {
  test('is opened without a question when it is a regular file', async () => {
    expect(await contentOf(await open(write('report.txt', 'report')))).toBe('report');
  });

  test('is opened without a question below a folder that is a link', async () => {
    await mkdir(at('2026'));
    writeFileSync(join(at('2026'), 'report.txt'), 'report');
    const year = link('year', at('2026'));
    expect(await contentOf(await open(join(year, 'report.txt')))).toBe('report');
  });

  test('is what was opened, whatever takes its name afterwards', async () => {
    const file = await open(write('report.txt', 'report'));
    renameSync(write('secret', 'secret'), at('report.txt'));
    expect(await contentOf(file)).toBe('report');
  });

  test('is not found when it does not exist', async () => {
    await expect(open(at('missing'))).rejects.toMatchObject({
      ending: 'notFound',
      message: `${at('missing')} is not there.`,
    });
  });

  test('is refused when it is a folder', async () => {
    await expect(open(folder)).rejects.toMatchObject({
      ending: 'usage',
      message: `${folder} is a folder, not a file.`,
      hint: 'Folders are offered file by file.',
    });
  });

  test('is refused at once when it is a named pipe, which nobody writes to', async () => {
    const path = pipe('pipe');
    await expect(open(path)).rejects.toMatchObject({
      ending: 'usage',
      message: `${path} is a pipe, not a file.`,
    });
  });

  test('is refused when it is a socket', async () => {
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    await expect(open(at('socket'))).rejects.toMatchObject({
      ending: 'usage',
      message: `${at('socket')} is a socket, not a file.`,
    });
    await new Promise((closed) => server.close(closed));
  });

  test('is refused when it is a device', async () => {
    await expect(open('/dev/null')).rejects.toMatchObject({
      ending: 'usage',
      message: '/dev/null is a device, not a file.',
    });
  });
});

describe('A link to a file to be offered', () => {
  test('is followed only after a yes to where it leads in the end', async () => {
    const secret = write('secret', 'secret');
    const path = link('report.txt', link('detour', secret));
    const asked: string[] = [];
    const file = await open(path, async (target) => void asked.push(target));
    expect(asked).toEqual([secret]);
    expect(file.path).toBe(path);
    expect(await contentOf(file)).toBe('secret');
  });

  test('is not followed after a no', async () => {
    await expect(open(link('report.txt', write('secret', 'secret')))).rejects.toThrow('declined');
  });

  test('gives the file that the question named, whatever the link points to afterwards', async () => {
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
  ])('is refused without a question when it leads to %s', async (kind, target) => {
    const path = link('report.txt', target());
    await expect(open(path)).rejects.toMatchObject({
      ending: 'usage',
      message: `${path} is ${kind}, not a file.`,
    });
  });

  test.each([
    ['nowhere', 'missing', 'notFound', 'is not there.'],
    ['to itself', 'report.txt', 'no', 'is a link that leads in circles, or became one while it was opened.'],
  ])('that leads %s is refused', async (_, target, ending, message) => {
    const path = link('report.txt', at(target));
    await expect(open(path, yes)).rejects.toMatchObject({ ending, message: `${path} ${message}` });
  });
});

test('A name that changes hands all the time gives the file that was checked, or none', async () => {
  const secret = write('secret', 'secret');
  const path = write('report.txt', 'report');
  const stand = [() => write('next', 'report'), () => link('next', secret), () => pipe('next')];
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
      // Lets one of the system calls through that open a file.
      await setImmediate();
    }
    seen.add(await opening);
    renameSync(write('next', 'report'), path);
  }
  expect(seen).not.toContain('secret');
});
