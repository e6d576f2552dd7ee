import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectContext } from '../../lib/app.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tvm-app-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the program like the CDK command line: with context and output folder in environment variables, without an account. */
function runProgram(overrides: Readonly<Record<string, unknown>>) {
  const context = {
    ...projectContext(),
    'aws:cdk:bundling-stacks': [],
    '@aws-cdk/core:failSynthOnValidationErrors': false,
    ...overrides,
  };
  const program = fileURLToPath(new URL('../../bin/token-vending-machine.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      TMPDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      CDK_OUTDIR: join(folder, 'program'),
    },
  });
  return { status, stderr };
}

/** Returns the violations of CloudFormation's own schemas and rules that synthesis found. */
function violations(): unknown[] {
  const report = JSON.parse(readFileSync(join(folder, 'program', 'validation-report.json'), 'utf8')) as {
    readonly pluginReports: { readonly pluginName: string; readonly violations?: unknown[] }[];
  };
  const checks = report.pluginReports.filter(({ pluginName }) => pluginName.includes('CloudFormation'));
  return checks.flatMap((check) => check.violations ?? []);
}

describe('the CDK program', () => {
  test('synthesizes a template that CloudFormation accepts without options, account, or network', () => {
    expect(runProgram({})).toEqual({ status: 0, stderr: '' });
    expect(violations()).toEqual([]);
  });

  test('synthesizes a prod template that CloudFormation accepts', () => {
    const options = {
      stage: 'prod',
      senderDomain: 'example.org',
      createIdentity: 'true',
      alarmEmail: 'ops@example.org',
    };
    expect(runProgram(options)).toEqual({ status: 0, stderr: '' });
    expect(violations()).toEqual([]);
  });

  test('synthesizes a private template that CloudFormation accepts', () => {
    const tvm = { network: 'private', networkCidrs: ['10.0.0.0/8'] };
    expect(runProgram({ tvm })).toEqual({ status: 0, stderr: '' });
    expect(violations()).toEqual([]);
  });

  test('exits at invalid options and lists them without a stack trace', () => {
    const { status, stderr } = runProgram({ linkLifetimeMinutes: '1', waf: 'false', createIdentity: 'no' });
    expect(status).toBe(1);
    expect(stderr).toContain('createIdentity: must be true or false');
    expect(stderr).toContain('linkLifetimeMinutes: must be a whole number from 5 to 576000');
    expect(stderr).toContain('Unknown option: waf');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

test('a restriction that is only set on the command line causes a warning', () => {
  const webAclArn =
    'arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/files/a1b2c3d4-5678-90ab-cdef-0123456789ab';
  runProgram({ senderEmail: 'files@example.org', allowedRecipients: 'example.org', webAclArn });
  const said = readFileSync(join(folder, 'program', 'TokenVendingMachine.metadata.json'), 'utf8');
  expect(said).toContain('allowedRecipients was given with -c');
  expect(said).toContain('webAclArn was given with -c');
  expect(said).not.toContain('senderEmail was given with -c');
});
