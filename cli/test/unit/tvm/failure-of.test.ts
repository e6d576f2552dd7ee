import { describe, expect, test } from '@jest/globals';
import { CommandFailure } from '../../../tvm/command-failure.ts';
import { failureOf } from '../../../tvm/failure-of.ts';

const fault = (name: string, message = 'm', more: object = {}) =>
  Object.assign(new Error(message), { name, $fault: 'client', $metadata: {}, ...more });
const coded = (code: string) => Object.assign(new Error(code), { code });

describe('What services and networks throw becomes a sentence with what to do', () => {
  test.each([
    [fault('CredentialsProviderError'), 'There are no AWS credentials to use.', /--profile/],
    [fault('ExpiredToken'), 'AWS does not accept the credentials (ExpiredToken).', /aws sso login/],
    [new Error('Region is missing'), 'No AWS region is set.', /--region.*list-profiles/],
    [
      fault('AccessDenied', 'User a is\nnot authorized'),
      'AWS does not allow this: User a is not authorized',
      /role/,
    ],
    [fault('AccessDeniedException', ''), 'AWS does not allow this: AccessDeniedException', /role/],
    [coded('ENOTFOUND'), 'A service could not be found by its name (ENOTFOUND).', /network up.*region/],
    [coded('ECONNRESET'), 'A service could not be reached (ECONNRESET).', /network/],
    [new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }), /\(ECONNREFUSED\)/, /network/],
    [new AggregateError([coded('EHOSTUNREACH')]), /\(EHOSTUNREACH\)/, /network/],
    [
      Object.assign(new Error('slow'), { name: 'TimeoutError' }),
      'A service did not answer in time.',
      /again/,
    ],
    [
      fault('NoSuchBucket', 'The specified bucket\ndoes not exist'),
      /NoSuchBucket: The specified bucket does/,
      undefined,
    ],
  ])('%p', (error, message, hint) => {
    const failure = failureOf(error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(failure?.ending).toBe('unreachable');
    expect(failure?.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(failure?.hint).toEqual(hint === undefined ? undefined : expect.stringMatching(hint));
  });

  test.each([[new TypeError('x is not a function')], ['text'], [undefined], [coded('ENOENT')]])(
    '%p stays the defect that it is',
    (error) => expect(failureOf(error)).toBeUndefined(),
  );
});
