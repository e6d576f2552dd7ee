import { appendFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { runProgram } from '../../tvm/program.ts';
import type { FakeUploads } from '../support/fake-uploads.ts';
import { fakeIo } from '../support/in-process.ts';
import { startTvm } from '../support/tvm.ts';
import { LARGE, MEBIBYTE, statusOf, uploadCommands } from '../support/upload-commands.ts';

const PARTS = 5;
const { fake, largeFile, smallFile, objectId, tvm } = uploadCommands();

describe('an interrupted upload', () => {
  test('continues after the process was killed, and sends only the parts that S3 lacks', async () => {
    const path = largeFile();
    fake().pageSize = 1;
    const killed = startTvm(['--data-dir', fake().dataDir, 'upload', path]);
    // The fifth part is sent only after one of the first four has been stored.
    fake().onPut = (part) => {
      if (part < PARTS) return undefined;
      killed.child.kill('SIGKILL');
      return 'break';
    };
    await killed.ended;
    const stored = fake().only.parts.size;
    fake().onPut = () => undefined;
    fake().puts.splice(0);
    const { status, stdout } = await tvm(['upload', path, '--json']);
    expect(status).toBe(0);
    expect(fake().puts).toHaveLength(PARTS - stored);
    expect(JSON.parse(stdout).sent).toBeLessThan(LARGE);
    expect(fake().only.state).toBe('published');
  });

  test('explains on Ctrl-C how to continue, and continues in the next run', async () => {
    const path = largeFile();
    const { io, stop, stderr } = fakeIo('pipe');
    fake().onPut = (part) => {
      if (part === 3) stop.abort();
      return undefined;
    };
    expect(await runProgram(['--data-dir', fake().dataDir, 'upload', path], io)).toBe(130);
    expect(stderr()).toBe('Stopped. Run the same command again to continue from there.\n');
    expect(await tvm(['upload', path])).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
  });

  test('sends nothing if S3 has assembled the file, but the response to finalize was lost', async () => {
    const path = largeFile();
    await tvm(['upload', path]);
    Object.assign(fake().only, { state: 'created' });
    const puts = fake().puts.length;
    expect(await tvm(['upload', path])).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
    expect(fake().puts).toHaveLength(puts);
  });

  test('waits for the verdict again, and sends nothing, if Ctrl-C stopped the first wait', async () => {
    const path = smallFile();
    const { io, stop } = fakeIo('pipe');
    fake().onCall = (call) => {
      if (call === 'GET /uploads') stop.abort();
      return undefined;
    };
    expect(await runProgram(['--data-dir', fake().dataDir, 'upload', path], io)).toBe(130);
    fake().onCall = () => undefined;
    expect(JSON.parse((await tvm(['upload', path, '--json'])).stdout)).toMatchObject({
      state: 'published',
      sent: 0,
    });
  });
});

describe('a failing transfer', () => {
  /** Makes the first `times` PUTs of a part fail. */
  function failFirst(part: number, times: number, fault: ReturnType<FakeUploads['onPut']>): void {
    let left = times;
    fake().onPut = (one) => (one === part && left-- > 0 ? fault : undefined);
  }

  test.each([
    ['a part', largeFile, 3],
    ['a whole file', smallFile, 0],
  ])('requests another URL if the URL for %s has expired', async (_, file, part) => {
    failFirst(part, 2, { status: 403, code: 'AccessDenied' });
    expect(await tvm(['upload', file()])).toMatchObject({ status: 0 });
    expect(fake().signed.get(part)).toBe(3);
    expect(
      fake()
        .puts.filter((put) => put.part === part)
        .map(({ status }) => status),
    ).toEqual([403, 403, 200]);
  });

  test.each([
    ['the connection breaks', 'break'],
    ['S3 is overloaded', { status: 503, code: 'SlowDown' }],
    ['S3 reports a conflicting request', { status: 409, code: 'ConditionalRequestConflict' }],
  ] as const)('sends a part again, after increasing pauses, if %s', async (_, fault) => {
    failFirst(2, 5, fault);
    const ran = await tvm(['upload', largeFile(), '--json']);
    expect(ran.status).toBe(0);
    expect(ran.waited).toBeGreaterThanOrEqual(0.5 + 1 + 2 + 4 + 8);
  });

  test.each([
    [403, 'AccessDenied', 'no'],
    [503, 'SlowDown', 'unreachable'],
  ] as const)(
    'gives up after six attempts, and prints only the status and the code from S3 (%d)',
    async (status, code, ending) => {
      failFirst(2, 99, { status, code });
      const ran = await tvm(['upload', largeFile()]);
      expect(ran).toMatchObject({ status: statusOf(ending), stdout: '' });
      expect(ran.stderr).toContain(`S3 refused the file with HTTP status ${status} (${code}).`);
      expect(fake().signed.get(2)).toBe(6);
    },
  );

  test('fails without a retry if S3 refuses the request permanently', async () => {
    failFirst(0, 99, { status: 400, code: 'InvalidRequest' });
    expect(await tvm(['upload', smallFile()])).toMatchObject({ status: 1 });
    expect(fake().puts).toHaveLength(1);
  });

  test('takes status 412 to mean that an earlier PUT succeeded and its response was lost', async () => {
    const path = smallFile();
    fake().onPut = () => {
      fake().only.object = Buffer.from('%PDF-1.7 report');
      return undefined;
    };
    expect(await tvm(['upload', path])).toMatchObject({ status: 0, stdout: `${objectId()}\n` });
    expect(fake().puts).toEqual([{ part: 0, status: 412 }]);
  });

  test('sends a part again if the part in S3 has the wrong size', async () => {
    const path = largeFile();
    fake().onCall = (call) => {
      if (call === 'GET /uploads/parts')
        fake()
          .only.parts.set(1, Buffer.alloc(3))
          .set(5, Buffer.alloc(MEBIBYTE + 1));
      return undefined;
    };
    expect(await tvm(['upload', path])).toMatchObject({ status: 0 });
    expect(
      fake()
        .puts.map(({ part }) => part)
        .sort(),
    ).toEqual([1, 2, 3, 4]);
  });

  test('fails if the API signs a part with the wrong size', async () => {
    const path = largeFile();
    fake().onCall = (call) => {
      if (call === 'POST /uploads/parts') Object.assign(fake().only.declared, { size: LARGE - 1 });
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
  ])('cancels the session if the file changes during the upload (%s)', async (_, file) => {
    const path = file();
    fake().onCall = (call) => {
      if (call === 'POST /uploads') appendFileSync(path, 'more');
      return undefined;
    };
    expect(await tvm(['upload', path])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('changed during the upload.'),
    });
    expect(fake().only).toMatchObject({ state: 'expired', reason: 'cancelled' });
  });

  test('says how to send the rest if finalize reports that the upload is incomplete', async () => {
    fake().onCall = (call) =>
      call === 'POST /uploads/finalize' ? { status: 409, code: 'upload_incomplete' } : undefined;
    expect(await tvm(['upload', smallFile()])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it sends what is missing'),
    });
  });
});
