import { describe, expect, test } from '@jest/globals';
import { awsErrorOf, type SignatureFailure } from '../../src/sigv4/signature-failure.ts';

const SIGNED_AT = new Date('2031-05-17T10:20:30Z');

describe('awsErrorOf', () => {
  const failures: readonly [SignatureFailure, string][] = [
    [{ reason: 'missing' }, 'MissingAuthenticationTokenException'],
    [{ reason: 'malformed', carrier: 'header', detail: 'x' }, 'IncompleteSignatureException'],
    [{ reason: 'unknown-access-key' }, 'UnrecognizedClientException'],
    [{ reason: 'invalid-session-token' }, 'UnrecognizedClientException'],
    [{ reason: 'wrong-scope', carrier: 'header', detail: 'x' }, 'InvalidSignatureException'],
    [{ reason: 'headers-not-signed', headers: ['host'] }, 'InvalidSignatureException'],
    [{ reason: 'skewed', signedAt: SIGNED_AT, now: SIGNED_AT }, 'InvalidSignatureException'],
    [{ reason: 'expired', expiredAt: SIGNED_AT, now: SIGNED_AT }, 'InvalidSignatureException'],
    [{ reason: 'mismatch' }, 'InvalidSignatureException'],
  ];
  test.each(failures)('returns the documented error code for %j', (failure, code) => {
    expect(awsErrorOf(failure).code).toBe(code);
  });
});
