import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createApp, projectContext, synthesize } from '../../lib/app.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tvm-app-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Returns the context that the CDK's command line passes with these options, but with bundling off. */
const contextWith = (options: Readonly<Record<string, unknown>>) => ({
  ...projectContext(),
  'aws:cdk:bundling-stacks': [],
  '@aws-cdk/core:failSynthOnValidationErrors': false,
  ...options,
});

/** Runs the program without an account, with the context and the output folder in the environment, as the CDK does. */
function runProgram(options: Readonly<Record<string, unknown>>) {
  const program = fileURLToPath(new URL('../../bin/token-vending-machine.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      TMPDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify(contextWith(options)),
      CDK_OUTDIR: folder,
    },
  });
  return { status, stderr };
}

/** Synthesizes with these options, and returns the violations of CloudFormation's own schemas and rules. */
function violationsWith(options: Readonly<Record<string, unknown>>): unknown[] {
  createApp({ context: contextWith(options), outdir: folder }).synth();
  const report = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8')) as {
    readonly pluginReports: { readonly pluginName: string; readonly violations?: unknown[] }[];
  };
  const checks = report.pluginReports.filter(({ pluginName }) => pluginName.includes('CloudFormation'));
  return checks.flatMap((check) => check.violations ?? []);
}

describe('the CDK program', () => {
  test('needs no options, account, or network to synthesize a template that CloudFormation accepts', () => {
    expect(violationsWith({})).toEqual([]);
  });

  test('synthesizes a private prod template that CloudFormation accepts', () => {
    const identity = { senderDomain: 'example.org', createIdentity: 'true', alarmEmail: 'ops@example.org' };
    const network = { network: 'private', networkCidrs: ['10.0.0.0/8'] };
    expect(violationsWith({ stage: 'prod', ...identity, tvm: network })).toEqual([]);
  });

  test('fails if options are invalid, and lists them without a stack trace', () => {
    const { status, stderr } = runProgram({ linkLifetimeMinutes: '1', waf: 'false', createIdentity: 'no' });
    expect(status).toBe(1);
    expect(stderr).toContain('createIdentity: must be true or false');
    expect(stderr).toContain('linkLifetimeMinutes: must be a whole number from 5 to 576000');
    expect(stderr).toContain('Unknown option: waf');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

test.each(['ledgerRetentionDays', 'receiptRetentionDays', 'logRetentionDays', 'oldVersionDays'])(
  '%s that is set only on the command line causes a warning, because the next deployment could delete what it keeps',
  (option) => {
    const { stacks } = synthesize(
      contextWith({ senderEmail: 'files@example.org', [option]: '3653' }),
      folder,
    );
    const warnings = stacks.flatMap(({ messages }) => messages.map(({ entry }) => String(entry.data)));
    expect(warnings).toContainEqual(expect.stringContaining(`${option} was given with -c`));
  },
);

test('a restriction that is set only on the command line causes a warning', () => {
  const webAclArn =
    'arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/files/a1b2c3d4-5678-90ab-cdef-0123456789ab';
  const given = { senderEmail: 'files@example.org', allowedRecipients: 'example.org', webAclArn };
  const { stacks } = synthesize(contextWith(given), folder);
  const warnings = stacks
    .flatMap(({ messages }) => messages.map(({ entry }) => String(entry.data)))
    .join('\n');
  expect(warnings).toContain('allowedRecipients was given with -c');
  expect(warnings).toContain('webAclArn was given with -c');
  expect(warnings).not.toContain('senderEmail was given with -c');
});
