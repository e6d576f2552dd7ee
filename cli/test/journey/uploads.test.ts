import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EICAR } from '../../../laptop/test/support/eicar.ts';
import { type Laptop, startLaptop } from '../../../test/support/laptop.ts';
import { EXIT_CODES } from '../../tvm/exit-codes.ts';
import { runLive } from '../support/in-process.ts';

let laptop: Laptop;
let folder: string;

beforeAll(async () => {
  laptop = await startLaptop({ uploadTypes: 'application/pdf,text/plain,video/mp4' });
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tvm-uploads-')));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await laptop.close();
});

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const tvm = (...args: readonly string[]) => runLive(['--data-dir', laptop.dataDir, ...args]);

async function json(...args: readonly string[]) {
  const { status, stdout, stderr } = await tvm(...args, '--json');
  return { status, stderr, value: JSON.parse(stdout || 'null') };
}

describe('tvm upload', () => {
  test('publishes a file, and each link for it can be redeemed once', async () => {
    const { status, stdout, stderr } = await tvm('upload', fileOf('note ü.txt', 'a note'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const issued = await tvm('issue', '--object', stdout.trim(), '--open', 'direct');
    expect(issued).toMatchObject({ status: 0, stderr: '' });
    const download = await fetch(issued.stdout.trim());
    expect([download.status, await download.text()]).toEqual([200, 'a note']);
    expect(download.headers.get('content-disposition')).toContain("filename*=UTF-8''note%20%C3%BC.txt");
    expect((await fetch(issued.stdout.trim())).status).toBe(403);
  });

  test('exits with 1 and names the reason for a file with malware, and no link can be issued for the file', async () => {
    const path = fileOf('eicar.txt', EICAR);
    const { status, value, stderr } = await json('upload', path);
    expect({ status, stderr }).toEqual({
      status: EXIT_CODES.no.status,
      stderr: expect.stringContaining('(malware)'),
    });
    expect(value).toMatchObject({ state: 'rejected', reason: 'malware' });
    expect(await tvm('issue', '--object', value.objectId)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not_published'),
    });
  });

  test('refuses a type that is not allowed', async () => {
    expect(await tvm('upload', fileOf('page.html', '<html>'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('(type_not_allowed)'),
    });
  });
});

describe('tvm uploads', () => {
  test('lists uploads in a given state, and shows an upload with its history', async () => {
    const { value: sent } = await json('upload', fileOf('listed.txt', 'listed'));
    const { value: published } = await json('uploads', '--state', 'published', '--all');
    expect(published).toContainEqual(
      expect.objectContaining({ objectId: sent.objectId, fileName: 'listed.txt' }),
    );
    const { value: shown } = await json('uploads', 'show', sent.objectId);
    const events = shown.history.map(({ event }: { readonly event: string }) => event);
    expect(events).toEqual(expect.arrayContaining(['opened', 'published']));
    expect(await tvm('uploads', 'release', sent.objectId, '--yes')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('(not_parked)'),
    });
  });
});
