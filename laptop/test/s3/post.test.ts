import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import {
  KMS_KEY_ARN,
  localS3,
  type PlainResponse,
  S3_CREDENTIALS,
  s3Signer,
  verdict,
} from '../support/local-s3.ts';

type Fields = Readonly<Record<string, string>>;
type Condition = Fields | readonly (string | number)[];

const CONTENT = '123456789';
const s3 = localS3();

/** Signs a policy that expires after a minute and allows 1 to 9 bytes. Returns the form fields. */
async function signed(fields: Fields, conditions: readonly Condition[] = [], signer = s3Signer()) {
  const now = new Date();
  const date = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const all = {
    ...fields,
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${S3_CREDENTIALS.accessKeyId}/${date.slice(0, 8)}/eu-west-1/s3/aws4_request`,
    'x-amz-date': date,
  };
  const document = {
    expiration: new Date(now.getTime() + 60_000).toISOString(),
    conditions: [
      { bucket: 'files' },
      ['content-length-range', 1, 9],
      ...conditions,
      ...Object.entries(all).map(([name, value]) => ({ [name]: value })),
    ],
  };
  const policy = Buffer.from(JSON.stringify(document)).toString('base64');
  return { ...all, policy, 'x-amz-signature': await signer.sign(policy, { signingDate: now }) };
}

/** Encodes a form whose last field is the file. */
async function encoded(fields: Fields, file: string | Buffer | undefined) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append('file', new Blob([file], { type: 'text/html' }), 'my file.pdf');
  const response = new Response(form);
  return {
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
    body: Buffer.from(await response.arrayBuffer()),
  };
}

async function post(fields: Fields, file: string | Buffer | undefined = CONTENT) {
  return s3.send({ method: 'POST', target: '/files', ...(await encoded(fields, file)) });
}

const message = ({ text }: PlainResponse): string | undefined => /<Message>(.*?)<\/Message>/.exec(text)?.[1];

describe('a form', () => {
  test('creates an object with the headers in its fields', async () => {
    const fields = await signed({
      key: 'inbox/a',
      'Content-Type': 'application/pdf',
      'x-amz-meta-owner': 'me',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': KMS_KEY_ARN,
    });
    const response = await post(fields);
    expect([response.status, response.text]).toEqual([204, '']);
    const input = { Bucket: 'files', Key: 'inbox/a' };
    expect(await s3.client.send(new HeadObjectCommand(input))).toMatchObject({
      ContentLength: CONTENT.length,
      ContentType: 'application/pdf',
      Metadata: { owner: 'me' },
      SSEKMSKeyId: KMS_KEY_ARN,
      ETag: response.headers.etag,
      VersionId: response.headers['x-amz-version-id'],
    });
    expect(await s3.read('inbox/a')).toBe(CONTENT);
    expect(s3.created).toMatchObject([{ reason: 'POST Object', key: 'inbox/a', size: 9 }]);
  });

  test('requires the same permissions as a PUT, but sets s3:authType to POST', async () => {
    const authorizations = await s3.restartDenying();
    await post(await signed({ key: 'a' }));
    expect(authorizations.map(({ action }) => action)).toEqual(['s3:PutObject', 'kms:GenerateDataKey']);
    expect(authorizations[0]).toMatchObject({
      resource: 'arn:aws:s3:::files/a',
      conditions: {
        's3:authType': 'POST',
        's3:ObjectCreationOperation': 'true',
        's3:x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      },
    });
    await s3.restartDenying(({ action }) => action === 's3:PutObject');
    expect(verdict(await post(await signed({ key: 'a' })))).toEqual([403, 'AccessDenied']);
    expect(s3.traces()).toHaveLength(1);
  });

  test('ignores fields after its file', async () => {
    const { headers, body } = await encoded(await signed({ key: 'a' }), CONTENT);
    const boundary = /boundary=(.*)/.exec(headers['content-type'])?.[1] ?? '';
    const late = `--${boundary}\r\nContent-Disposition: form-data; name="key"\r\n\r\nlate\r\n--${boundary}--\r\n`;
    const end = body.toString('latin1').replace(`--${boundary}--`, '').trimEnd();
    const response = await s3.send({ method: 'POST', target: '/files', headers, body: `${end}\r\n${late}` });
    expect(response.status).toBe(204);
    expect(await s3.read('a')).toBe(CONTENT);
  });
});

describe('the response to a form', () => {
  test("redirects to success_action_redirect, with the object's bucket, key, and ETag in the query", async () => {
    const next = 'https://example.com/done?from=form';
    const response = await post(await signed({ key: 'a', success_action_redirect: next }));
    expect(response.status).toBe(303);
    const location = new URL(response.headers.location ?? '');
    expect(location.href).toContain(next);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      from: 'form',
      bucket: 'files',
      key: 'a',
      etag: response.headers.etag,
    });
  });

  test.each(['javascript:alert(1)', 'done.html'])('does not redirect to %s', async (next) => {
    const response = await post(await signed({ key: 'a', success_action_redirect: next }));
    expect(response.status).toBe(204);
  });
});

describe('rejected forms leave nothing behind', () => {
  const expectNothing = () => expect([s3.traces(), s3.created]).toEqual([[], []]);

  test('a form whose policy has expired is rejected', async () => {
    const fields = await signed({ key: 'a' });
    s3.aheadSeconds = 60;
    const response = await post(fields);
    expect([...verdict(response), message(response)]).toEqual([
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy expired.',
    ]);
    expectNothing();
  });

  test.each<[string, Fields, Condition, Fields, string]>([
    ['a field that differs from its condition', { key: 'b' }, { key: 'a' }, {}, '["eq", "$key", "a"]'],
    [
      'a field without the required prefix',
      { key: 'b' },
      ['starts-with', '$key', 'in/'],
      {},
      '["starts-with", "$key", "in/"]',
    ],
    [
      'a condition on a missing field',
      { key: 'a' },
      ['starts-with', '$acl', ''],
      { key: 'a' },
      '["starts-with", "$acl", ""]',
    ],
    [
      'a condition on another bucket',
      { key: 'a' },
      { bucket: 'plain' },
      { key: 'a' },
      '["eq", "$bucket", "plain"]',
    ],
  ])('a form with %s is rejected', async (_, sent, condition, more, text) => {
    const response = await post({ ...(await signed(more, [condition])), ...sent });
    const escaped = text.replaceAll('"', '&quot;');
    expect([...verdict(response), message(response)]).toEqual([
      403,
      'AccessDenied',
      `Invalid according to Policy: Policy Condition failed: ${escaped}`,
    ]);
    expectNothing();
  });

  test('a form with an expired policy is rejected before its file is read', async () => {
    const fields = await signed({ key: 'a' });
    s3.aheadSeconds = 60;
    expect(verdict(await post(fields, randomBytes(16_000_000)))).toEqual([403, 'AccessDenied']);
    expectNothing();
  });

  test('a form with a field that has no condition is rejected', async () => {
    const response = await post({ ...(await signed({ key: 'a' })), 'x-amz-meta-a': 'x', 'x-ignore-b': 'y' });
    expect(message(response)).toBe('Invalid according to Policy: Extra input fields: x-amz-meta-a');
    expectNothing();
  });

  test.each([
    ['longer than its policy allows', `${CONTENT}0`, 'EntityTooLarge'],
    ['much longer than its policy allows', randomBytes(16_000_000), 'EntityTooLarge'],
    ['shorter than its policy allows', '', 'EntityTooSmall'],
  ])('a form with a file that is %s is rejected', async (_, file, code) => {
    expect(verdict(await post(await signed({ key: 'a' }), file))).toEqual([400, code]);
    expectNothing();
  });

  test.each([
    ['acl', 'private'],
    ['key', 'inbox/\u0024{filename}'],
    ['redirect', 'https://example.com/'],
    ['success_action_status', '201'],
    ['tagging', '<Tagging><TagSet/></Tagging>'],
    ['x-amz-checksum-crc32', 'y/Q5Jg=='],
  ])('a form with the field %s: %s gets 501, because local mode does not support it', async (name, value) => {
    expect(verdict(await post(await signed({ key: 'a', [name]: value })))).toEqual([501, 'NotImplemented']);
    expectNothing();
  });

  test.each(['key', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature'])(
    'a form without the field %s is rejected',
    async (name) => {
      const { [name]: _, ...fields }: Record<string, string> = await signed({ key: 'a' });
      expect(verdict(await post(fields))).toEqual([400, 'InvalidArgument']);
      expectNothing();
    },
  );

  test('a form is rejected if its policy is missing or was not signed', async () => {
    const { policy, ...fields } = await signed({ key: 'a' });
    const { policy: other } = await signed({ key: 'b' });
    expect(verdict(await post(fields))).toEqual([403, 'AccessDenied']);
    expect(verdict(await post({ ...fields, policy: other }))).toEqual([403, 'SignatureDoesNotMatch']);
    expect(policy).not.toBe(other);
    expectNothing();
  });

  test.each([
    ['invalid JSON', '{'],
    ['no expiration', JSON.stringify({ conditions: [] })],
    [
      'an unknown condition',
      JSON.stringify({ expiration: '2099-01-01T00:00:00Z', conditions: [['is', '$key', 'a']] }),
    ],
  ])('a form with a signed policy that has %s is rejected', async (_, document) => {
    const policy = Buffer.from(document).toString('base64');
    const fields = await signed({ key: 'a' });
    const signature = await s3Signer().sign(policy, { signingDate: new Date() });
    const response = await post({ ...fields, policy, 'x-amz-signature': signature });
    expect(verdict(response)).toEqual([400, 'InvalidPolicyDocument']);
  });

  test('a form without a file is rejected', async () => {
    const { headers, body } = await encoded(await signed({ key: 'a' }), undefined);
    const response = await s3.send({ method: 'POST', target: '/files', headers, body });
    expect([...verdict(response), message(response)]).toEqual([
      400,
      'InvalidArgument',
      'POST requires exactly one file upload per request.',
    ]);
  });

  test('a form is rejected if it has more than 20 KB before its file', async () => {
    const response = await post({ ...(await signed({ key: 'a' })), 'x-ignore-a': 'x'.repeat(21_000) });
    expect(verdict(response)).toEqual([400, 'MaxPostPreDataLengthExceeded']);
  });

  test('a form is rejected if it is truncated, or is not multipart/form-data with a boundary', async () => {
    const { headers, body } = await encoded(await signed({ key: 'a' }), CONTENT);
    for (const length of [200, body.indexOf(CONTENT) + 4]) {
      const response = await s3.send({
        method: 'POST',
        target: '/files',
        headers,
        body: body.subarray(0, length),
      });
      expect([length, ...verdict(response)]).toEqual([length, 400, 'MalformedPOSTRequest']);
    }
    const boundless = { 'content-type': 'multipart/form-data' };
    const unbounded = await s3.send({ method: 'POST', target: '/files', headers: boundless, body });
    expect(verdict(unbounded)).toEqual([400, 'MalformedPOSTRequest']);
    const plain = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await s3.send({ method: 'POST', target: '/files', headers: plain, body: 'key=a' });
    expect(verdict(response)).toEqual([412, 'PreconditionFailed']);
    expectNothing();
  });

  test('a form for a bucket that does not exist is rejected', async () => {
    const form = await encoded(await signed({ key: 'a' }), CONTENT);
    const response = await s3.send({ method: 'POST', target: '/nowhere', ...form });
    expect(verdict(response)).toEqual([404, 'NoSuchBucket']);
  });

  test('a form whose connection breaks in the middle of the file leaves nothing behind', async () => {
    const { headers, body } = await encoded(await signed({ key: 'a' }), CONTENT);
    const { host, hostname, port } = new URL(s3.service.url);
    const lines = Object.entries({
      host,
      ...headers,
      'content-length': String(body.length),
      expect: '100-continue',
    });
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /files HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
    await once(socket, 'data');
    socket.end(body.subarray(0, body.indexOf(CONTENT) + 4));
    await once(socket, 'close');
    await s3.stop();
    expectNothing();
    await s3.start();
  });
});
