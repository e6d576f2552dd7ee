import { describe, expect, test } from '@jest/globals';
import { readRequest } from '../../../lambda/http/request.ts';
import { apiEvent } from '../../../laptop/test/support/api-event.ts';

/** Whom a signed request comes from, if API Gateway names them so. */
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
  test('is a role without the name of its session, which whoever assumes it makes up', () => {
    expect(callerOf(`${STS}/reports/monday`)).toBe(`${STS}/reports`);
    expect(callerOf(`${STS}/reports/ann@example.org`)).toBe(`${STS}/reports`);
    expect(callerOf('arn:aws-cn:sts::111122223333:assumed-role/reports/monday')).toBe(
      'arn:aws-cn:sts::111122223333:assumed-role/reports',
    );
  });

  test('is no other role, whatever its session is called', () => {
    const sessions = ['invoices', 'invoices/monday', 'assumed-role/invoices', `${STS}/invoices`];
    for (const session of sessions) expect(callerOf(`${STS}/reports/${session}`)).toBe(`${STS}/reports`);
  });

  test('is not the role of that name in another account', () => {
    expect(callerOf('arn:aws:sts::444455556666:assumed-role/reports/monday')).not.toBe(
      callerOf(`${STS}/reports/monday`),
    );
  });

  test.each(['arn:aws:iam::111122223333:user/team/ann', 'arn:aws:iam::111122223333:root'])(
    'is %s whole, path included',
    (arn) => {
      expect(callerOf(arn)).toBe(arn);
    },
  );

  test('has the unique id of the role, without its session', () => {
    expect(callerIn(`${STS}/reports/monday`, 'AROAEXAMPLE:monday')).toEqual({
      arn: `${STS}/reports`,
      id: 'AROAEXAMPLE',
    });
  });

  test('has the whole id of a federated user, who shares the account before the colon with all others', () => {
    const arn = 'arn:aws:sts::111122223333:federated-user/ann';
    expect(callerIn(arn, '111122223333:ann')).toEqual({ arn, id: '111122223333:ann' });
  });

  test('is nobody if nobody signed, or if API Gateway names no unique id', () => {
    expect(callerIn(null, null)).toBeUndefined();
    expect(callerIn(`${STS}/reports/monday`, null)).toBeUndefined();
  });

  test('is nobody whom a header names', () => {
    const headers = {
      'X-Amz-Source-Arn': 'arn:aws:iam::111122223333:root',
      userArn: `${STS}/reports/monday`,
    };
    expect(readRequest(apiEvent('post-token-json', { headers })).caller).toBeUndefined();
  });
});
