import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Evaluate, loadEvaluator } from '../../../laptop/src/iam/evaluate.ts';
import { PolicyDocument } from '../../../laptop/src/iam/policy-document.ts';
import { routes } from '../../../lib/capabilities.ts';
import { read } from './markdown.ts';

/* Checks the policies that readers copy from the manual against every signed route. */

const ACCOUNT = '111122223333';
const API = `arn:aws:execute-api:eu-central-1:${ACCOUNT}:a1b2c3d4e5/v1`;

const fill = (text: string) =>
  text
    .replaceAll('REGION', 'eu-central-1')
    .replaceAll('ACCOUNT', ACCOUNT)
    .replaceAll(':API/', ':a1b2c3d4e5/');

const policies = ['README.md', 'docs/protocol.md', 'docs/operations.md', 'docs/commands.md'].flatMap((page) =>
  [...read(page).matchAll(/```json\n([\s\S]*?)```/g)]
    .map(([, block = '']) => block)
    .filter((block) => block.includes('execute-api:Invoke'))
    .map((block): [string, PolicyDocument] => {
      const parsed = JSON.parse(fill(block)) as object;
      const policy = 'Statement' in parsed ? parsed : { Version: '2012-10-17', Statement: [parsed] };
      return [page, PolicyDocument.parse(policy)];
    }),
);

let evaluate: Evaluate;
beforeAll(async () => {
  evaluate = await loadEvaluator();
});

const isAllowed = async (policy: PolicyDocument, method: string, path: string): Promise<boolean> =>
  (await evaluate({
    caller: `arn:aws:iam::${ACCOUNT}:user/program`,
    action: 'execute-api:Invoke',
    resource: `${API}/${method}${path.replace('{tokenId}', '8d2f6c1f4be0467dbb1f1c0e5e0a9b3c')}`,
    accountId: ACCOUNT,
    conditions: {},
    identityPolicies: [{ name: 'of-the-manual', policy }],
    resourcePolicy: undefined,
  })) === undefined;

test('the manual contains policies to copy', () => {
  expect(policies.map(([page]) => page)).toEqual(['docs/protocol.md', 'docs/operations.md']);
});

describe.each(policies)('the policy for a program in %s', (_page, policy) => {
  test.each(routes.filter(({ auth }) => auth === 'iam').map(({ method, path }) => [method, path] as const))(
    'lets a program call exactly the routes under /links: %s %s',
    async (method, path) => {
      expect(await isAllowed(policy, method, path)).toBe(path.startsWith('/links'));
    },
  );
});

test("the policy for the workflow that compares templates allows reading only this stack's template", async () => {
  const [, block = ''] =
    /```json\n((?:(?!```)[\s\S])*cloudformation:GetTemplate[\s\S]*?)```/.exec(read('docs/operations.md')) ??
    [];
  const policy = PolicyDocument.parse(JSON.parse(fill(block)));
  const stack = (name: string) => `arn:aws:cloudformation:eu-central-1:${ACCOUNT}:stack/${name}/a1b2c3d4`;
  const may = async (action: string, resource: string) =>
    (await evaluate({
      caller: `arn:aws:iam::${ACCOUNT}:role/diff`,
      action,
      resource,
      accountId: ACCOUNT,
      conditions: {},
      identityPolicies: [{ name: 'of-the-manual', policy }],
      resourcePolicy: undefined,
    })) === undefined;
  expect(await may('cloudformation:GetTemplate', stack('TokenVendingMachine'))).toBe(true);
  expect(await may('cloudformation:GetTemplate', stack('Payroll'))).toBe(false);
  expect(await may('cloudformation:UpdateStack', stack('TokenVendingMachine'))).toBe(false);
  expect(
    await may('sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-lookup-role-${ACCOUNT}-x`),
  ).toBe(false);
});

test('no pattern for /links also matches an operator route', async () => {
  const wide: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: [`${API}/*/links*`, `${API}/*/links/*`] },
    ],
  };
  for (const { method, path } of routes.filter(({ path: each }) => each.startsWith('/operator'))) {
    expect(await isAllowed(wide, method, path)).toBe(false);
  }
  expect(await isAllowed(wide, 'GET', '/links')).toBe(true);
});
