import { describe, expect, test } from '@jest/globals';
import { readRequest } from '../../../lambda/http/request.ts';
import { apiEvent } from '../../support/api-event.ts';

/** Whom a signed request is told to come from, when API Gateway names them so. */
function callerOf(userArn: string | null): string | undefined {
  const event = apiEvent('post-links-iam');
  event.requestContext.identity.userArn = userArn;
  return readRequest(event).callerArn;
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

  test('is nobody where nobody signed', () => {
    expect(callerOf(null)).toBeUndefined();
  });

  test('is nobody whom a header names', () => {
    const headers = {
      'X-Amz-Source-Arn': 'arn:aws:iam::111122223333:root',
      userArn: `${STS}/reports/monday`,
    };
    expect(readRequest(apiEvent('post-token-json', { headers })).callerArn).toBeUndefined();
  });
});
