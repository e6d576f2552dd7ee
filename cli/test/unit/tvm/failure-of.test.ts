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

  test.each([[new TypeError('x is not a function')], ['text'], [undefined], [coded('ENOENT')]])(
    'treats %p as a bug',
    (error) => expect(failureOf(error)).toBeUndefined(),
  );
});
