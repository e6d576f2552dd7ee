import { describe, expect, test } from '@jest/globals';
import { readRequest } from '../../../lambda/http/request.ts';
import { apiEvent } from '../../../laptop/test/support/api-event.ts';

/** Returns the caller's ARN as we read it from these API Gateway fields. */
function callerOf(userArn: string | null, caller: string | null = 'AIDAEXAMPLE'): string | undefined {
  return callerIn(userArn, caller)?.arn;
}

function callerIn(userArn: string | null, caller: string | null) {
  const event = apiEvent('post-links-iam');
  Object.assign(event.requestContext.identity, { userArn, caller });
  return readRequest(event).caller;
}

const STS = 'arn:aws:sts::111122223333:assumed-role';

describe('the caller of a signed route', () => {
  test('the caller is the role without its session name, which anyone who assumes the role can choose', () => {
    expect(callerOf(`${STS}/reports/monday`)).toBe(`${STS}/reports`);
    expect(callerOf(`${STS}/reports/ann@example.org`)).toBe(`${STS}/reports`);
    expect(callerOf('arn:aws-cn:sts::111122223333:assumed-role/reports/monday')).toBe(
      'arn:aws-cn:sts::111122223333:assumed-role/reports',
    );
  });

  test('a session name cannot turn the caller into another role', () => {
    const sessions = ['invoices', 'invoices/monday', 'assumed-role/invoices', `${STS}/invoices`];
    for (const session of sessions) expect(callerOf(`${STS}/reports/${session}`)).toBe(`${STS}/reports`);
  });

  test('roles with the same name in two accounts are different callers', () => {
    expect(callerOf('arn:aws:sts::444455556666:assumed-role/reports/monday')).not.toBe(
      callerOf(`${STS}/reports/monday`),
    );
  });

  test.each(['arn:aws:iam::111122223333:user/team/ann', 'arn:aws:iam::111122223333:root'])(
    'the ARN of the caller %s is not shortened',
    (arn) => {
      expect(callerOf(arn)).toBe(arn);
    },
  );

  test('the ID of a caller is the unique ID of its role, without the session name', () => {
    expect(callerIn(`${STS}/reports/monday`, 'AROAEXAMPLE:monday')).toEqual({
      arn: `${STS}/reports`,
      id: 'AROAEXAMPLE',
    });
  });

  test('the ID of a federated user includes the part after the colon, because all users of an account share the rest', () => {
    const arn = 'arn:aws:sts::111122223333:federated-user/ann';
    expect(callerIn(arn, '111122223333:ann')).toEqual({ arn, id: '111122223333:ann' });
  });

  test('a request has no caller if it is not signed, or if API Gateway sends no unique ID', () => {
    expect(callerIn(null, null)).toBeUndefined();
    expect(callerIn(`${STS}/reports/monday`, null)).toBeUndefined();
  });

  test('a header cannot set the caller', () => {
    const headers = {
      'X-Amz-Source-Arn': 'arn:aws:iam::111122223333:root',
      userArn: `${STS}/reports/monday`,
    };
    expect(readRequest(apiEvent('post-token-json', { headers })).caller).toBeUndefined();
  });
});
