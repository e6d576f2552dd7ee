import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { USAGE } from '../../../leftovers/command-line.ts';
import { troubleOf } from '../../../leftovers/trouble.ts';

const PROJECT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Runs the program on a machine without any AWS settings but those given. */
function run(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'bin/leftovers.ts', ...args],
    {
      cwd: PROJECT,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        AWS_CONFIG_FILE: '/nonexistent',
        AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...settings,
      },
    },
  );
  return { status, stderr, stdout };
}

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

describe('whoever looks for what is left', () => {
  test('is told how to call the program if that was called wrongly', () => {
    const stderr = `Unknown option '--stak'.\n\n${USAGE}`;
    expect(run(['--stak', 'Other'])).toEqual({ status: 2, stdout: '', stderr });
  });

  test('is told in one line that there is no region', () => {
    const said = {
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^No region is set: .* --region,.*\.\n$/),
    };
    expect(run([])).toEqual(said);
    expect(run([], { AWS_REGION: '' })).toEqual(said);
  });

  test('is told in one line that there are no credentials', () => {
    expect(run(['--region', 'eu-central-1'])).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^There are no AWS credentials: .*AWS_PROFILE.*\.\n$/),
    });
  });

  test.each([
    [named('ExpiredTokenException', 'too old'), /^AWS does not take .* run out.*\(too old\)\.$/],
    [named('UnrecognizedClientException', 'who'), /^AWS does not take .*\(who\)\.$/],
    [named('AccessDeniedException', 'no'), /need tag:GetResources and kms:DescribeKey \(no\)\.$/],
    [Object.assign(new Error('x'), { code: 'ENOTFOUND' }), /^AWS does not answer: .* region right \(x\)\?$/],
    [named('Other', 'something else'), /^something else$/],
    ['text', /^text$/],
  ])('is told what to do about %s', (error, said) => {
    expect(troubleOf(error)).toMatch(said);
  });
});
