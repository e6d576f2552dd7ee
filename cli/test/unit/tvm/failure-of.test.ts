import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { CommandFailure } from '../../../tvm/command-failure.ts';
import { failureOf } from '../../../tvm/failure-of.ts';

const fault = (name: string, message = 'm', more: object = {}) =>
  Object.assign(new Error(message), { name, $fault: 'client', $metadata: {}, ...more });
const coded = (code: string) => Object.assign(new Error(code), { code });

describe('failureOf', () => {
  test.each([
    [fault('CredentialsProviderError'), 'No AWS credentials found.', /--profile/],
    [fault('ExpiredToken'), 'AWS rejected the credentials (ExpiredToken).', /aws sso login/],
    [new Error('Region is missing'), 'No AWS region is set.', /--region.*list-profiles/],
    [
      fault('AccessDenied', 'User a is\nnot authorized'),
      'AWS denied the request: User a is not authorized',
      /docs\/commands\.md#permissions/,
    ],
    [
      fault('AccessDeniedException', ''),
      'AWS denied the request: AccessDeniedException',
      /docs\/commands\.md#permissions/,
    ],
    [
      fault('KmsAccessDenied', 'not authorized to perform kms:Decrypt'),
      'AWS denied the request: not authorized to perform kms:Decrypt',
      /docs\/commands\.md#permissions/,
    ],
    [
      coded('ENOTFOUND'),
      'The host name of a service could not be found (ENOTFOUND).',
      /network and the region/,
    ],
    [coded('ECONNRESET'), 'A service could not be reached (ECONNRESET).', /network/],
    [new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }), /\(ECONNREFUSED\)/, /network/],
    [new AggregateError([coded('EHOSTUNREACH')]), /\(EHOSTUNREACH\)/, /network/],
    [
      Object.assign(new Error('slow'), { name: 'TimeoutError' }),
      'A service did not respond in time.',
      /again/,
    ],
    [
      fault('NoSuchBucket', 'The specified bucket\ndoes not exist'),
      /NoSuchBucket: The specified bucket does/,
      undefined,
    ],
  ])('turns %p into a message and a hint', (error, message, hint) => {
    const failure = failureOf(error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(failure?.ending).toBe('unreachable');
    expect(failure?.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(failure?.hint).toEqual(hint === undefined ? undefined : expect.stringMatching(hint));
  });

  test('explains that S3 denied a HEAD request, although its response has no error code', async () => {
    const server = createServer((_request, response) => response.writeHead(403).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
      forcePathStyle: true,
    });
    try {
      const error: unknown = await client
        .send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }))
        .catch((reason: unknown) => reason);
      expect(failureOf(error)).toMatchObject({
        message: 'AWS denied the request: HTTP status 403',
        hint: expect.stringMatching(/docs\/commands\.md#permissions/),
      });
    } finally {
      client.destroy();
      server.closeAllConnections();
      server.close();
    }
  });

  test.each([[new TypeError('x is not a function')], ['text'], [undefined], [coded('ENOENT')]])(
    'treats %p as a bug',
    (error) => expect(failureOf(error)).toBeUndefined(),
  );
});
