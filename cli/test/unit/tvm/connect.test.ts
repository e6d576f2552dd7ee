import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OUTPUT_NAMES, readDeployment } from '../../../tvm/deployment.ts';
import { runHere } from '../../support/in-process.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tvm-connect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const OUTPUTS = Object.fromEntries(Object.values(OUTPUT_NAMES).map((name) => [name, 'https://x.example/v1']));

describe('readDeployment', () => {
  test('reads the outputs of a stack, and ignores other outputs', () => {
    expect(readDeployment({ ...OUTPUTS, Other: 1 }).kind).toBe('found');
  });

  test('names the outputs that are missing, empty, or invalid', () => {
    const { BucketName: _bucket, ...outputs } = OUTPUTS;
    expect(readDeployment({ ...outputs, ApiUrl: '', MailQueueUrl: 'no url' })).toEqual({
      kind: 'incomplete',
      missing: ['ApiUrl', 'BucketName', 'MailQueueUrl'],
    });
  });
});

describe('tvm --data-dir', () => {
  test('says how to start local mode if it is not running', async () => {
    const { status, stderr } = await runHere(['assets', '--data-dir', join(folder, 'none')]);
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^error: Local mode is not running: .*none\/endpoints\.json is missing or incomplete\.\n.*"npm start"/,
    );
  });

  test('says that the endpoints file could not be read, rather than that local mode is not running', async () => {
    mkdirSync(join(folder, 'unreadable', 'endpoints.json'), { recursive: true });
    const { status, stderr } = await runHere(['assets', '--data-dir', join(folder, 'unreadable')]);
    expect(status).toBe(3);
    expect(stderr).toMatch(/endpoints\.json could not be read \(EISDIR\)\.\nRun the command as the user/);
  });

  test.each([
    ['that is half written', '{"region":'],
    ['from another version', '{"region":"us-east-1"}'],
    ['that is not an object', '[]'],
  ])('rejects an endpoints file %s', async (_, text) => {
    writeFileSync(join(folder, 'endpoints.json'), text);
    const { status, stderr } = await runHere(['assets', '--data-dir', folder]);
    expect(status).toBe(3);
    expect(stderr).not.toContain('    at ');
  });
});
