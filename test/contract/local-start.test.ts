import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readyScreen } from '../../bin/local/ready-screen.ts';
import { type Local, startLocal } from '../../bin/local/start.ts';
import { createClients } from '../../laptop/src/clients.ts';
import { goldenEvent } from '../../laptop/test/support/api-event.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Deployment options for all tests. Events are off, so that nothing runs between tests. */
const OPTIONS = { sourceLimitPerHour: '1000000', sourceMailLimitPerDay: '1000000', events: 'false' };

const dataDir = mkdtempSync(join(tmpdir(), 'local-start-'));
let local: Local | undefined;
const start = async (): Promise<Local> => {
  local = await startLocal({ dataDir, port: 0, options: OPTIONS });
  return local;
};
afterAll(async () => {
  await local?.close();
  rmSync(dataDir, { recursive: true });
});

/** Starts local mode as a program. `says` waits until the output contains the given text or the program ends. */
function run(args: readonly string[]) {
  const options = Object.entries(OPTIONS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(process.execPath, ['bin/local.ts', ...options, ...args], {
    cwd: PROJECT,
  });
  let said = '';
  const hears = Promise.withResolvers<void>();
  let wanted: string | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (wanted !== undefined && said.includes(wanted)) hears.resolve();
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  return {
    child,
    ended,
    says: (text: string) => {
      wanted = text;
      if (said.includes(text)) hears.resolve();
      return Promise.race([hears.promise, ended]);
    },
  };
}

describe('local mode in this process', () => {
  beforeAll(start);

  test('writes its endpoints to a file that only the owner can read', () => {
    const file = join(dataDir, 'endpoints.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const endpoints = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    expect(endpoints).toEqual(local?.endpoints);
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(endpoints).toEqual({
      ...{ api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/), inbox: url },
      ...{
        s3: url,
        dynamodb: url,
        sqs: url,
        ses: url,
        kms: url,
        guardduty: url,
        apigateway: url,
        events: url,
      },
      ...{ bucket: expect.any(String), region: 'us-east-1' },
      ...{ tokenTable: expect.any(String), receiptTable: expect.any(String) },
      ...{ ledgerTable: expect.any(String), quotaTable: expect.any(String), issueTable: expect.any(String) },
      ...{ restApiId: expect.any(String), senderEmail: expect.stringContaining('@') },
      ...{
        mailQueueUrl: expect.stringMatching(/MailQueue$/),
        deadLetterQueueUrl: expect.stringMatching(/MailDeadLetterQueue$/),
        bounceQueueUrl: expect.stringMatching(/BounceQueue$/),
        bounceDeadLetterQueueUrl: expect.stringMatching(/BounceDeadLetterQueue$/),
        verdictQueueUrl: expect.stringMatching(/VerdictQueue$/),
        verdictDeadLetterQueueUrl: expect.stringMatching(/VerdictDeadLetterQueue$/),
        scannerNoticeQueueUrl: expect.stringMatching(/ScannerNoticeQueue$/),
        ...{ uploadTable: expect.any(String), uploadHistoryTable: expect.any(String) },
        uploadLinkTable: expect.any(String),
      },
      ...{ signingKeyId: expect.any(String), pseudonymKeyId: expect.any(String) },
      ...{ accessKeyId: expect.stringMatching(/^AKIA/), secretAccessKey: expect.any(String) },
    });
    expect(endpoints.signingKeyId).not.toBe(endpoints.pseudonymKeyId);
    expect(statSync(join(dataDir, 'aws-config')).mode & 0o777).toBe(0o600);
  });

  test('serves the page for the sample file', async () => {
    const page = await fetch(`${local?.endpoints.api}/?asset=welcome.pdf`, {
      headers: { accept: 'text/html' },
    });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('welcome.pdf');
  });

  test('responds to an unknown route with the gateway response from the template', async () => {
    const response = await fetch(`${local?.endpoints.api}/nowhere`);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('keeps issued links after a restart, and does not restore a removed file', async () => {
    const { endpoints, invoke } = local ?? (await start());
    const event = goldenEvent('test-invoke-post-links');
    event.body = JSON.stringify({ asset: 'welcome.pdf', open: 'direct' });
    const issued = await invoke('links', event);
    const response = JSON.parse(issued.kind === 'answered' ? issued.payload : '{}') as {
      statusCode: number;
      body: string;
    };
    expect(response.statusCode).toBe(201);
    const [link] = (JSON.parse(response.body) as { links: { token: string }[] }).links;
    const token = link?.token ?? '';

    await local?.close();
    expect(existsSync(join(dataDir, 'endpoints.json'))).toBe(false);
    const again = await start();
    expect(again.endpoints).toMatchObject({
      accessKeyId: endpoints.accessKeyId,
      signingKeyId: endpoints.signingKeyId,
      tokenTable: endpoints.tokenTable,
    });
    const redeem = () => fetch(`${again.endpoints.api}/download?token=${token}`, { redirect: 'manual' });
    const redeemed = await redeem();
    expect(redeemed.status).toBe(302);
    const file = await fetch(redeemed.headers.get('location') ?? '');
    expect((await file.text()).startsWith('%PDF-1.4')).toBe(true);
    expect((await redeem()).status).toBe(403);

    const { bucket: Bucket, region } = endpoints;
    const Key = 'gated/welcome.pdf';
    await createClients(again.endpoints, again.endpoints, region).s3.send(
      new DeleteObjectCommand({ Bucket, Key }),
    );
    await local?.close();
    const third = await start();
    const head = createClients(third.endpoints, third.endpoints, region).s3.send(
      new HeadObjectCommand({ Bucket, Key }),
    );
    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  test('uses a free port if another program uses the default port, and says so on its start screen', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port: usualPort } = other.address() as AddressInfo;
    try {
      await local?.close();
      local = await startLocal({ dataDir, usualPort, options: OPTIONS });
      const { port } = new URL(local.endpoints.api);
      expect([Number(port) === usualPort, local.takenPort]).toEqual([false, usualPort]);
      expect((await fetch(`${local.endpoints.api}/?asset=welcome.pdf`)).status).toBe(200);
      const line = `Port ${usualPort} is in use, so the API is on port ${port}.`;
      expect(readyScreen(local, { write: () => undefined })).toContain(line);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  test('does not say on its start screen that a port is in use if it got the default or the requested port', async () => {
    const { endpoints } = local ?? (await start());
    for (const options of [{ usualPort: Number(new URL(endpoints.api).port) }, { port: 0 }]) {
      await local?.close();
      local = await startLocal({ dataDir, ...options, options: OPTIONS });
      expect(local.takenPort).toBeUndefined();
      expect(readyScreen(local, { write: () => undefined })).not.toContain('is in use');
    }
  });

  test('handles test-invoke events, which have no headers and no source address', async () => {
    const outcome = await (local ?? (await start())).invoke('pages', goldenEvent('test-invoke-get-redeem'));
    expect(outcome.kind).toBe('answered');
  });

  test('refuses to start twice with the same folder', async () => {
    const { code, said } = await run(['--port', '0', '--data-dir', dataDir]).ended;
    expect(code).toBe(1);
    expect(said).toContain(`Process ${process.pid} is already using ${dataDir}.`);
  });
});

describe('local mode as a program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-program-'));
  const running: ReturnType<typeof run>[] = [];
  const runLater = (args: readonly string[]) => {
    const program = run(['--data-dir', folder, ...args]);
    running.push(program);
    return program;
  };
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('starts after it was killed, despite the lock file that it left behind, and stops cleanly on SIGINT', async () => {
    const killed = runLater(['--port', '0']);
    await killed.says('Ctrl-C');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(join(folder, 'lock.json'))).toBe(true);
    await stopsCleanly('SIGINT');
  });

  test('stops cleanly on SIGTERM', () => stopsCleanly('SIGTERM'));

  async function stopsCleanly(signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
    const { child, says, ended } = runLater(['--port', '0']);
    await says('Ctrl-C');
    expect(existsSync(join(folder, 'endpoints.json'))).toBe(true);
    child.kill(signal);
    const { code, said } = await ended;
    expect([code, said]).toEqual([0, expect.stringContaining('Stopping')]);
    expect(existsSync(join(folder, 'endpoints.json'))).toBe(false);
    expect(existsSync(join(folder, 'lock.json'))).toBe(false);
  }

  test('reports that the requested port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, said } = await runLater(['--port', String(port)]).ended;
    await new Promise((resolve) => other.close(resolve));
    expect([code, said]).toEqual([1, expect.stringContaining(`Port ${port} is taken`)]);
    expect(said).not.toContain('    at ');
    expect(existsSync(join(folder, 'lock.json'))).toBe(false);
  });

  test('reports every invalid deployment option', async () => {
    const { code, said } = await runLater(['--port', '0', '-c', 'downloadSeconds=1', '-c', 'colour=red'])
      .ended;
    expect(code).toBe(1);
    expect(said).toContain('downloadSeconds: must be');
    expect(said).toContain('Unknown option: colour');
    expect(said).not.toContain('    at ');
  });
});
