import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type RunningService, startLoopbackServer } from '../../../laptop/src/loopback-server.ts';
import { startTvm } from '../support/tvm.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:mint';
const BUCKET = 'arn:aws:s3:::tvm-files';

let aws: RunningService;
let asked: unknown[];
let reply: { readonly status: number; readonly body: object };

beforeAll(async () => {
  aws = await startLoopbackServer({ port: 0 }, async (request, response) => {
    asked.push(await json(request));
    response.writeHead(reply.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(reply.body));
  });
});
beforeEach(() => {
  asked = [];
  reply = { status: 200, body: { ResourceTagMappingList: [] } };
});
afterAll(() => aws.close());

/** Makes the server respond with these resources of a `prod` stack. */
function respondWith(...arns: readonly string[]): void {
  const Tags = [{ Key: 'tvm:stage', Value: 'prod' }];
  reply = {
    status: 200,
    body: { ResourceTagMappingList: arns.map((ResourceARN) => ({ ResourceARN, Tags })) },
  };
}

const tvm = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startTvm(['leftovers', ...args], {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env,
  }).ended;

describe('tvm leftovers', () => {
  test('uses the stack name in cdk.json, and says which resources it cannot list', async () => {
    const { status, stdout, stderr } = await tvm(['--region', 'eu-west-1']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^IAM roles are not listed, .*docs\/operations\.md#destroy .*\n$/);
    expect(asked).toMatchObject([{ TagFilters: [{ Key: 'tvm:stack', Values: ['TokenVendingMachine'] }] }]);
  });

  test('lists each resource with its reason, and exits with 1 if one is unexpected', async () => {
    respondWith(BUCKET, FUNCTION);
    const { status, stdout } = await tvm(['--stack', 'Other'], { AWS_REGION: 'eu-west-1' });
    expect(status).toBe(1);
    expect(stdout.split('\n').map((line) => line.split('\t'))).toEqual([
      ['problem', 'function', FUNCTION, expect.stringContaining('should have been deleted')],
      ['ok', 'bucket', BUCKET, 'stage prod retains its data'],
      [''],
    ]);
    expect(asked).toMatchObject([{ TagFilters: [{ Values: ['Other'] }] }]);
  });

  test('exits with 0 if everything that remains is expected', async () => {
    respondWith(BUCKET);
    const { status, stdout } = await tvm(['--region', 'eu-west-1', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      stack: 'TokenVendingMachine',
      region: 'eu-west-1',
      leftovers: [{ arn: BUCKET, kind: 'bucket', expected: true, reason: 'stage prod retains its data' }],
    });
  });

  test('reports a denied call as an error, not as an empty list', async () => {
    reply = { status: 400, body: { __type: 'AccessDeniedException', message: 'no tag:GetResources' } };
    const { status, stderr } = await tvm(['--region', 'eu-west-1']);
    expect(status).toBe(4);
    expect(stderr).toMatch(/no tag:GetResources/);
  });

  test.each([
    [['--stack', 'no name'], {}, 2, 'error: Invalid stack name: "no name".\n'],
    [['--region', 'x.example/'], {}, 2, 'error: Invalid region: "x.example/".\n'],
    [['--local'], {}, 2, 'error: Local mode leaves nothing in an AWS account.\n'],
    [[], { AWS_REGION: 'x.example/' }, 4, 'error: The AWS region is empty or invalid.\n'],
    [[], { AWS_REGION: '' }, 4, 'error: The AWS region is empty or invalid.\n'],
    [[], {}, 4, 'error: No AWS region is set.\n'],
  ])('fails without a request: %j in the environment %j (%s)', async (args, env, exitCode, message) => {
    const { status, stdout, stderr } = await tvm(args, env);
    expect({ status, stdout, asked }).toEqual({ status: exitCode, stdout: '', asked: [] });
    expect(stderr).toContain(message);
  });
});
