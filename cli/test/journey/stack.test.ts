import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type RunningService, startLoopbackServer } from '../../../laptop/src/loopback-server.ts';
import { LocalS3, S3_CREDENTIALS } from '../../../laptop/test/support/local-s3.ts';
import { OUTPUT_NAMES } from '../../tvm/deployment.ts';
import { startTvm } from '../support/tvm.ts';

const s3 = new LocalS3();
let cloudFormation: RunningService;
let respond: (response: ServerResponse) => void;
let asked: { readonly body: URLSearchParams; readonly authorization: string }[];

beforeAll(async () => {
  await s3.start();
  await s3.client.send(new PutObjectCommand({ Bucket: 'files', Key: 'gated/report.pdf', Body: 'report' }));
  cloudFormation = await startLoopbackServer({ port: 0 }, async (request, response) => {
    const body = new URLSearchParams(await text(request));
    asked.push({ body, authorization: request.headers.authorization ?? '' });
    respond(response);
  });
});
beforeEach(() => {
  asked = [];
  respond = respondWithOutputs(OUTPUTS);
});
afterAll(async () => {
  await cloudFormation.close();
  await s3.remove();
});

/** The outputs of a stack whose bucket is in the local S3. */
const OUTPUTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.values(OUTPUT_NAMES).map((name) => [name, 'https://x.example/v1'])),
  BucketName: 'files',
};

const respondWithOutputs = (outputs: Readonly<Record<string, string>>) => (response: ServerResponse) => {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  response.end(
    `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>` +
      `<member><StackName>x</StackName><CreationTime>2026-11-23T12:00:00Z</CreationTime>` +
      `<StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member>` +
      `</Stacks></DescribeStacksResult></DescribeStacksResponse>`,
  );
};

const respondWithError = (status: number, code: string, message: string) => (response: ServerResponse) => {
  response.writeHead(status);
  response.end(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );
};

const ACCOUNT = {
  AWS_ACCESS_KEY_ID: S3_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: S3_CREDENTIALS.secretAccessKey,
};

/** Runs a command with the AWS settings of an operator. */
const tvm = (args: readonly string[], env: Readonly<Record<string, string>> = ACCOUNT) =>
  startTvm(args, {
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    AWS_ENDPOINT_URL_S3: s3.service.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env,
  }).ended;

describe('tvm with a stack on AWS', () => {
  test('finds the stack by its name in cdk.json, and reads its outputs, with the usual AWS settings', async () => {
    const { status, stdout, stderr } = await tvm(['assets'], { ...ACCOUNT, AWS_REGION: 'eu-west-1' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^report\.pdf\tpublic\t6\t/);
    expect(asked.map(({ body }) => body.get('StackName'))).toEqual(['TokenVendingMachine']);
    expect(asked[0]?.authorization).toContain('/eu-west-1/cloudformation/');
  });

  test('finds the stack by --stack and --region', async () => {
    const { status } = await tvm(['assets', '--stack', 'Other', '--region', 'eu-west-1']);
    expect(status).toBe(0);
    expect(asked.map(({ body }) => body.get('StackName'))).toEqual(['Other']);
  });

  test('names the stack and the region if the stack does not exist', async () => {
    respond = respondWithError(400, 'ValidationError', 'Stack with id Other does not exist');
    const { status, stdout, stderr } = await tvm(['assets', '--stack', 'Other', '--region', 'eu-west-1']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(
      /^error: Stack Other does not exist in eu-west-1\.\nDeploy it with "npx cdk deploy"/,
    );
  });

  test('names the missing outputs of a stack that another version deployed', async () => {
    const { IssueTableName: _table, SenderEmail: _sender, ...older } = OUTPUTS;
    respond = respondWithOutputs(older);
    const { status, stderr } = await tvm(['assets', '--region', 'eu-west-1']);
    expect(status).toBe(3);
    expect(stderr).toContain('lacks outputs that tvm needs: IssueTableName, SenderEmail.\n');
  });

  test.each([
    ['AccessDenied', 403, /^error: AWS denied the request: not you\n/],
    ['ExpiredToken', 403, /^error: AWS rejected the credentials \(ExpiredToken\)\.\n/],
  ])('reports that AWS denies access (%s)', async (code, httpStatus, message) => {
    respond = respondWithError(httpStatus, code, 'not you');
    const { status, stderr } = await tvm(['assets', '--region', 'eu-west-1']);
    expect(status).toBe(4);
    expect(stderr).toMatch(message);
  });

  test('gives up after four server errors', async () => {
    respond = respondWithError(503, 'ServiceUnavailable', 'later');
    const { status, stderr } = await tvm(['assets', '--region', 'eu-west-1']);
    expect({ status, asked: asked.length }).toEqual({ status: 4, asked: 4 });
    expect(stderr).toMatch(/^error: AWS responded with ServiceUnavailable: later\n$/);
  });
});

describe('tvm without AWS settings', () => {
  test('reports that credentials are missing, and says how to sign in', async () => {
    const { status, stderr } = await tvm(['assets', '--region', 'eu-west-1'], {});
    expect({ status, asked }).toEqual({ status: 4, asked: [] });
    expect(stderr).toMatch(/^error: No AWS credentials found\.\nSign in /);
  });

  test('says that no region is set', async () => {
    const { status, stderr } = await tvm(['assets']);
    expect({ status, asked }).toEqual({ status: 4, asked: [] });
    expect(stderr).toMatch(/^error: No AWS region is set\.\nSet it with --region/);
  });
});
