import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { FakeUploads } from '../support/fake-uploads.ts';
import { uploadCommands } from '../support/upload-commands.ts';

const { fake, fileOf, objectId, tvm } = uploadCommands();

describe('tvm uploads', () => {
  /** Uploads one file for each state, and returns the IDs of the uploads. */
  async function uploaded(...states: readonly FakeUploads['only']['state'][]): Promise<readonly string[]> {
    for (const [at, state] of states.entries()) {
      fake().verdict = { state, reads: 1 };
      await tvm(['upload', fileOf(`${at}.txt`, state)]);
    }
    return [...fake().uploads.values()].map(({ uploadId }) => uploadId);
  }

  test('lists uploads that are in progress or parked, or only uploads in a given state', async () => {
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

  test('prints a list that fits on an 80-column terminal', async () => {
    await uploaded('published');
    const { stdout } = await tvm(['uploads', '--state', 'published'], 'terminal');
    const lines = stripVTControlCharacters(stdout).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  test('lists an upload that has ended, even before it is closed', async () => {
    const ids = await uploaded('published', 'published', 'rejected');
    const [first, , third] = fake().uploads.values();
    for (const upload of [first, third]) Object.assign(upload ?? {}, { closing: true });
    const { stdout } = await tvm(['uploads', '--state', 'published', '--json']);
    const listed = JSON.parse(stdout).map(({ uploadId }: { readonly uploadId: string }) => uploadId);
    expect(listed).toEqual(ids.slice(0, 2));
    const cut = await tvm(['uploads', '--state', 'published', '--limit', '1'], 'terminal');
    expect(cut.stderr).toContain('There are more.');
  });

  test('shows an upload with its history, by upload ID or object ID', async () => {
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
  ] as const)('%s asks for confirmation before a parked upload becomes %s', async (decision, state) => {
    const [id = ''] = await uploaded('parked');
    const asked = await tvm(['uploads', decision, id]);
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('Add --yes to go ahead.') });
    expect(fake().only.state).toBe('parked');
    const done = await tvm(['uploads', decision, id, '--yes', '--json']);
    expect([done.status, JSON.parse(done.stdout)]).toEqual([
      0,
      expect.objectContaining({ uploadId: id, state }),
    ]);
  });

  test('rescan does not ask for confirmation', async () => {
    const [id = ''] = await uploaded('parked');
    expect(await tvm(['uploads', 'rescan', id])).toMatchObject({ status: 0, stderr: '' });
    expect(fake().calls.at(-1)).toBe('POST /operator/uploads/rescan');
  });

  test('refuses to release an upload that is not parked, and to show an unknown upload', async () => {
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
