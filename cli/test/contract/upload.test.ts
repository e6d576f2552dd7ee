import { appendFileSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { LARGE, statusOf, uploadCommands } from '../support/upload-commands.ts';

const { fake, pathOf, fileOf, largeFile, smallFile, objectId, tvm } = uploadCommands();

describe('tvm upload', () => {
  test('sends a small file whole, and prints only its object ID into a pipe', async () => {
    const ran = await tvm(['upload', smallFile()]);
    expect(ran).toMatchObject({ status: 0, stdout: `${objectId()}\n`, stderr: '' });
    expect(fake().only.object?.toString()).toBe('%PDF-1.7 report');
    expect(fake().only.declared).toMatchObject({ fileName: 'report.pdf', type: 'application/pdf' });
    expect(fake().calls).toEqual(['POST /uploads', 'POST /uploads/finalize', 'GET /uploads']);
  });

  test('sends a large file in parts, and requests URLs and sends parts four at a time', async () => {
    const ran = await tvm(['upload', largeFile(), '--name', 'a.bin', '--type', 'video/mp4']);
    expect(ran).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
    expect(fake().only).toMatchObject({
      state: 'published',
      declared: { fileName: 'a.bin', type: 'video/mp4' },
    });
    expect(fake().only.object?.length).toBe(LARGE);
    expect(fake().mostUnderWay).toBe(4);
    expect(
      fake()
        .bodies.flatMap((body) => Object.values(body as object))
        .filter(Array.isArray),
    ).toEqual([[1, 2, 3, 4], [5]]);
  });

  test('describes the upload in JSON, without the URL', async () => {
    const { stdout } = await tvm(['upload', smallFile(), '--json']);
    expect(JSON.parse(stdout)).toEqual({
      uploadId: fake().only.uploadId,
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

  test('shows progress on a terminal, and then how to issue a link', async () => {
    const { stderr } = await tvm(['upload', smallFile()], 'terminal');
    expect(stderr).toContain('Uploading report.pdf  [########################] 100 %');
    expect(stderr).toContain('report.pdf is published: 15 bytes, application/pdf.');
    expect(stderr).toContain(`npx tvm --data-dir ${fake().dataDir} issue --object ${objectId()}`);
  });

  test('sends nothing if the same file was published before, and says so', async () => {
    const path = smallFile();
    await tvm(['upload', path]);
    const puts = fake().puts.length;
    const again = await tvm(['upload', path], 'terminal');
    expect(again).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
    expect(again.stderr).toContain('It had already been uploaded, so nothing was sent.');
    expect(JSON.parse((await tvm(['upload', path, '--json'])).stdout).sent).toBe(0);
    expect(fake().puts).toHaveLength(puts);
  });

  test('opens another upload if the file has changed or is sent under another name', async () => {
    const path = smallFile();
    await tvm(['upload', path]);
    await tvm(['upload', path, '--name', 'other.pdf']);
    appendFileSync(path, 'more');
    await tvm(['upload', path]);
    expect(fake().uploads.size).toBe(3);
  });

  test.each([
    ['was cancelled or timed out', 'expired', 'timed_out'],
    ['received other bytes', 'rejected', 'checksum_mismatch'],
  ] as const)('opens another session if the first %s', async (_, state, reason) => {
    const path = smallFile();
    await tvm(['upload', path]);
    Object.assign(fake().only, { state, reason });
    expect(await tvm(['upload', path])).toMatchObject({ status: 0 });
    expect([...fake().uploads.values()].map((upload) => upload.state)).toEqual([state, 'published']);
  });

  test.each([
    ['of 0 bytes', () => fileOf('empty.txt', ''), [], 'usage', /is empty\.\n$/],
    ['that does not exist', () => pathOf('none'), [], 'notFound', /does not exist\.\n$/],
  ] as const)('refuses a file %s without calling the API', async (_, file, options, ending, message) => {
    const { status, stderr } = await tvm(['upload', file(), ...options]);
    expect({ status, stderr }).toEqual({ status: statusOf(ending), stderr: expect.stringMatching(message) });
    expect(fake().calls).toEqual([]);
  });

  test('does not follow a symbolic link without asking', async () => {
    symlinkSync(smallFile(), pathOf('link'));
    const asked = await tvm(['upload', pathOf('link'), '--yes']);
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('Upload that file?') });
    expect(await tvm(['upload', pathOf('link'), '--follow-links'])).toMatchObject({ status: 0 });
  });
});

describe('a problem in a response from the API', () => {
  test('leads to a retry after the time in Retry-After', async () => {
    let left = 2;
    fake().onCall = () => (left-- > 0 ? { status: 429, code: 'quota_exceeded', retryAfter: 7 } : undefined);
    const ran = await tvm(['upload', smallFile()]);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.waited).toBeGreaterThanOrEqual(14);
  });

  test.each([
    ['open_uploads', 'openUploadLimit'],
    ['upload_bytes', 'uploadBytesPerDay'],
  ])(
    'is printed with the name of the limit, the time to wait, and the option that sets the limit (%s)',
    async (limit, option) => {
      fake().onCall = () => ({ status: 429, code: 'quota_exceeded', retryAfter: 7200, limit });
      expect(await tvm(['upload', smallFile()])).toMatchObject({
        status: 4,
        stdout: '',
        stderr: `error: No (quota_exceeded: ${limit}).\nRun the command again in about 2 hours. Nothing is done twice. See the deploy option ${option}.\n`,
      });
    },
  );

  test.each([
    [413, 'upload_too_large', 1, 'uploadMaxBytes'],
    [422, 'type_not_allowed', 1, '--type'],
    [403, 'access_denied', 4, 'execute-api:Invoke'],
  ])('is printed with a hint (%d %s)', async (status, code, exit, hint) => {
    fake().onCall = () => ({ status, code });
    expect(await tvm(['upload', smallFile()])).toMatchObject({
      status: exit,
      stderr: expect.stringContaining(hint),
    });
  });
});

describe('the verdict', () => {
  test('is requested at growing intervals, from one second to ten', async () => {
    fake().verdict.reads = 10;
    const ran = await tvm(['upload', smallFile()]);
    const pauses = [1, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10, 10, 10, 10];
    expect(ran.status).toBe(0);
    expect(ran.waited).toBeCloseTo(
      pauses.reduce((sum, pause) => sum + pause, 0),
      1,
    );
  });

  test('has its own exit code if it does not arrive within ten minutes', async () => {
    fake().verdict.reads = Number.POSITIVE_INFINITY;
    const ran = await tvm(['upload', smallFile()]);
    expect(ran).toMatchObject({
      status: statusOf('pending'),
      stdout: `${objectId()}\n`,
      stderr:
        'error: The malware scan has not finished yet.\nTo keep waiting, run the same command again. It does not send the file again.\n',
    });
    expect(ran.waited).toBeGreaterThanOrEqual(600);
    expect(ran.waited).toBeLessThan(611);
  });

  test('is not awaited with --no-wait', async () => {
    const ran = await tvm(['upload', smallFile(), '--no-wait']);
    expect(ran).toMatchObject({ status: 0, stdout: `${objectId()}\n`, stderr: '', waited: 0 });
    expect(fake().only.state).toBe('finalized');
  });

  test.each([
    ['rejected', 'malware', 'no', 'found a threat'],
    ['rejected', 'type_mismatch', 'no', '--type'],
    ['rejected', 'operator', 'no', 'An operator rejected the file'],
    ['expired', 'timed_out', 'no', 'another session'],
    ['parked', 'unsupported', 'parked', 'tvm --data-dir'],
  ] as const)(
    'ends the command with a message and an exit code (%s, %s)',
    async (state, reason, ending, hint) => {
      fake().verdict = { state, reason, reads: 2 };
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
    fake().verdict = { state: 'rejected', reason: 'malware', reads: 1 };
    const { status, stdout } = await tvm(['upload', smallFile(), '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'rejected', reason: 'malware', sent: 15 });
  });

  test('on a rejected file is reported again by the next run, which sends nothing', async () => {
    fake().verdict = { state: 'rejected', reason: 'malware', reads: 1 };
    const path = smallFile();
    await tvm(['upload', path]);
    expect(await tvm(['upload', path])).toMatchObject({ status: 1, stdout: '' });
    expect(fake().puts).toHaveLength(1);
  });
});
