import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENDPOINT_NAMES, OUTPUT_NAMES, readDeployment } from '../../../tvm/deployment.ts';
import { runHere } from '../../support/in-process.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tvm-connect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Every part of a deployment, under the names that a source gives them. */
const complete = (names: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.values(names).map((name) => [name, 'https://x.example/v1']));

describe('A deployment', () => {
  test.each([
    ['the outputs of a stack', OUTPUT_NAMES],
    ['the endpoints of a laptop', ENDPOINT_NAMES],
  ])('is read from %s, whatever else is there', (_, names) => {
    expect(readDeployment({ ...complete(names), Other: 1 }, names).kind).toBe('found');
  });

  test('is incomplete without a part, empty ones included, which are named as they are there', () => {
    const { BucketName: _bucket, ...outputs } = complete(OUTPUT_NAMES);
    expect(readDeployment({ ...outputs, ApiUrl: '', MailQueueUrl: 'no url' }, OUTPUT_NAMES)).toEqual({
      kind: 'incomplete',
      missing: ['ApiUrl', 'BucketName', 'MailQueueUrl'],
    });
  });
});

describe('Without a laptop', () => {
  test('says that none runs, and how to start it', async () => {
    const { status, stderr } = await runHere(['assets', '--data-dir', join(folder, 'none')]);
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^error: No laptop runs here: .*none\/endpoints\.json is not there\.\n.*"npm start"/,
    );
  });

  test.each([
    ['half written', '{"region":'],
    ['of another version', '{"region":"us-east-1"}'],
    ['that is no object', '[]'],
  ])('an endpoints file %s is said to be of no use', async (_, text) => {
    writeFileSync(join(folder, 'endpoints.json'), text);
    const { status, stderr } = await runHere(['assets', '--data-dir', folder]);
    expect(status).toBe(3);
    expect(stderr).not.toContain('    at ');
  });
});
