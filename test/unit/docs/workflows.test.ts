import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { packageJson, projectRoot, read, section } from './markdown.ts';

const FOLDER = '.github/workflows';
const workflows = readdirSync(join(projectRoot, FOLDER)).map((name) => join(FOLDER, name));

type Permissions = Readonly<Record<string, 'read' | 'write'>>;

interface Job {
  readonly permissions?: Permissions;
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
}

interface Workflow {
  readonly permissions: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Returns every job with its permissions, which default to the workflow's. */
function jobsOf(text: string): Readonly<Record<string, Required<Job>>> {
  const { permissions, jobs } = parse(text) as Workflow;
  return Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, { permissions, ...job }]));
}

describe.each(workflows)('%s', (path) => {
  const text = read(path);

  test('pins actions to full commit hashes, with the version as a comment', () => {
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('contains no key and uses no stored secret', () => {
    expect(text).not.toMatch(/secrets\.|aws-access-key-id|AKIA/);
  });

  test('can only read the code by default', () => {
    expect((parse(text) as Workflow).permissions).toEqual({ contents: 'read' });
  });

  test.each(Object.entries(jobsOf(text)))(
    'the job %s has no write access and no identity token if it runs tests or code from packages',
    (_name, { permissions, steps }) => {
      const powers = Object.entries(permissions).filter(([, access]) => access === 'write');
      const commands = steps.flatMap(({ run = [] }) => run).join('\n');
      const packages = commands.match(/\b(?:npm|npx|pipx|node)\b[^\n]*/g) ?? [];
      const harmless = /^npm ci --ignore-scripts$|^npx cdk deploy --app cdk\.out /;
      if (powers.length > 0) expect(packages.filter((command) => !harmless.test(command))).toEqual([]);
      expect(powers.length).toBeLessThanOrEqual(1);
    },
  );

  test('puts no expression into a command, because a stranger could control its value', () => {
    const commands = [...text.matchAll(/run: (?:\|\n((?: {10}.*\n)+)|(.*))/g)].map(([command]) => command);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect(command).not.toContain('${{');
  });

  test('runs only npm scripts that exist', () => {
    const run = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(run.filter((name) => !(name in packageJson().scripts))).toEqual([]);
  });
});

test('an action has the same version in all workflows', () => {
  const pinned = workflows.flatMap((path) => [...read(path).matchAll(/uses: ([^@\n]+)@(\S+)/g)]);
  const versions = new Map<string, Set<string>>();
  for (const [, action = '', hash = ''] of pinned) {
    versions.set(action, (versions.get(action) ?? new Set()).add(hash));
  }
  for (const [action, hashes] of versions)
    expect({ action, versions: hashes.size }).toEqual({ action, versions: 1 });
});

test('only one job of each workflow can request an identity token, and in deploy.yml, that job runs after the tests', () => {
  const trusted = workflows.flatMap((path) =>
    Object.entries(jobsOf(read(path))).flatMap(([name, { permissions }]) =>
      permissions['id-token'] === 'write' ? [`${path} ${name}`] : [],
    ),
  );
  expect(trusted.sort()).toEqual([`${FOLDER}/ci.yml deployed`, `${FOLDER}/deploy.yml deploy`]);
  const { jobs } = parse(read(`${FOLDER}/deploy.yml`)) as {
    readonly jobs: { readonly deploy: { readonly needs: readonly string[] } };
  };
  expect(jobs.deploy.needs).toContain('test');
});

test('the trust policy in the manual names the repository by its IDs, as GitHub does for new repositories', () => {
  const policy = section(read('docs/operations.md'), '## Deploy from GitHub');
  expect(policy).toContain('"repo:OWNER@OWNER_ID/REPO@REPO_ID:pull_request"');
});
