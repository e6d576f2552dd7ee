import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { expectStatus, Machine } from '../support/permissions/machine.ts';
import { permissionsIn } from '../support/permissions/permission.ts';

/* Tests uploads and presigned URLs against the policies of the template, as local mode enforces them. */

const NAME = 'report.pdf';
const OTHER_KEY = 'arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000';

const machine = new Machine();

beforeAll(async () => {
  await machine.start();
  await machine.offer(NAME);
});
afterEach(() => {
  machine.police.restore();
  machine.aheadSeconds = 0;
});
afterAll(() => machine.close());

const dataKey = (): string =>
  permissionsIn(machine.police.policies).find(({ via }) => via === 's3')?.resource ?? '';

/** Uploads a file as the operator, like `aws s3 cp` with these flags. */
const upload = (flags: Partial<PutObjectCommandInput> = {}) =>
  machine.clients.s3.send(
    new PutObjectCommand({
      Bucket: machine.endpoints.bucket,
      Key: 'gated/uploaded.pdf',
      Body: 'the bytes',
      ContentType: 'application/pdf',
      ...flags,
    }),
  );

describe('an upload by an operator', () => {
  test('needs no flags, and is encrypted with the data key', async () => {
    expect(await upload()).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: dataKey() });
  });

  test('can specify the data key', async () => {
    const named = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: dataKey() } as const;
    expect(await upload(named)).toMatchObject(named);
  });

  test.each<[string, Partial<PutObjectCommandInput>]>([
    ['another key', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: OTHER_KEY }],
    ["S3's own key", { ServerSideEncryption: 'AES256' }],
    [
      'a key that the sender provides',
      {
        SSECustomerAlgorithm: 'AES256',
        SSECustomerKey: Buffer.alloc(32).toString('base64'),
        SSECustomerKeyMD5: 'cLx/iUhYeYxmXUp4zSuAJQ==',
      },
    ],
  ])('is denied with %s', async (_what, flags) => {
    await expect(upload(flags)).rejects.toMatchObject({
      name: 'AccessDenied',
      message:
        'User: arn:aws:iam::000000000000:user/operator is not authorized to perform: s3:PutObject on resource: ' +
        `"arn:aws:s3:::${machine.endpoints.bucket}/gated/uploaded.pdf" with an explicit deny in a resource-based policy`,
    });
  });
});

describe('a presigned URL', () => {
  const redeemed = async (): Promise<string> => {
    const { token } = await machine.issued(NAME);
    const response = await expectStatus(machine.post('/redeem', token), 200);
    const { url } = (await response.json()) as { url: string };
    return url;
  };

  test.each([
    ['s3:GetObjectVersion', undefined],
    ['kms:Decrypt', 's3'],
  ])('is refused after its signer has lost the permission %s', async (action, via) => {
    const url = await redeemed();
    const permission = permissionsIn(machine.police.policies).find(
      (each) => each.functionName === 'redeem' && each.action === action && each.via === via,
    );
    if (permission === undefined) throw new Error(`The redeem function lacks the permission ${action}`);
    machine.police.remove([permission]);
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([403, 'application/xml']);
    expect(await response.text()).toMatch(
      new RegExp(
        '<Code>AccessDenied</Code><Message>User: arn:aws:sts::000000000000:assumed-role/\\S+RedeemRole/\\S+RedeemFunction ' +
          `is not authorized to perform: ${action} on resource: \\S+ because no identity-based policy allows`,
      ),
    );
    machine.police.restore();
    expect(await (await fetch(url)).text()).toBe('the bytes');
  });

  test('is refused once it is older than the bucket allows, even before it expires', async () => {
    const get = new GetObjectCommand({ Bucket: machine.endpoints.bucket, Key: `gated/${NAME}` });
    const url = await getSignedUrl(machine.clients.s3, get, { expiresIn: 300 });
    machine.aheadSeconds = 25;
    await expectStatus(fetch(url), 200);
    machine.aheadSeconds = 31;
    const response = await expectStatus(fetch(url), 403);
    expect(await response.text()).toContain('with an explicit deny in a resource-based policy');
  });
});
