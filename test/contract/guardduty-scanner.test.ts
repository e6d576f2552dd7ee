import { describe, expect, test } from '@jest/globals';
import { GuardDutyScanner } from '../../lambda/adapters/guardduty-scanner.ts';
import { SignedRequests } from '../../lambda/adapters/signed-requests.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { newUploadId } from '../../lambda/domain/ids.ts';
import { ALLOWED, type Authorize } from '../../laptop/src/access.ts';
import { startGuardDutyApi } from '../../laptop/src/guardduty/guardduty-api.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { denialOf } from '../../laptop/test/support/denial.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';

const later = afterwards();
const REGION = 'eu-central-1';

/** Starts local mode's GuardDuty behind a fault proxy. Returns a scanner, the scanned objects, and the call count. */
async function guardDuty({
  fate = () => ({ fate: 'pass' }),
  isProtected = true,
  authorize = async () => ALLOWED,
}: {
  readonly fate?: (call: number) => ReturnType<Decide>;
  readonly isProtected?: boolean;
  readonly authorize?: Authorize;
}) {
  const scanned: object[] = [];
  const protection = {
    scan: (object: object) => {
      if (isProtected) scanned.push(object);
      return isProtected;
    },
  };
  const service = await startGuardDutyApi(
    {
      port: 0,
      region: REGION,
      protection,
      findObject: (_bucket, _key, versionId = 'newest') => ({ versionId, etag: 'e' }),
    },
    { authorize, clock: () => new Date(), credentials: () => ({ secretAccessKey: 'secret' }) },
  );
  let calls = 0;
  const proxy = await startFaultProxy(service.url, () => {
    calls += 1;
    return fate(calls);
  });
  const requests = new SignedRequests({
    service: 'guardduty',
    url: proxy.url,
    region: REGION,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
  });
  later(service.close);
  later(proxy.close);
  later(() => requests.destroy());
  return { scanner: new GuardDutyScanner(requests, 'files'), scanned, calls: () => calls };
}

describe('the scanner', () => {
  const uploadId = newUploadId();
  const OBJECT = { bucket: 'files', key: `uploads/${uploadId}`, versionId: 'v1', etag: 'e' };

  test('asks GuardDuty to scan one version', async () => {
    const { scanner, scanned } = await guardDuty({});
    await scanner.scan(uploadId, 'v1');
    expect(scanned).toEqual([OBJECT]);
  });

  test('retries if the response was lost', async () => {
    const { scanner, scanned } = await guardDuty({
      fate: (call) => ({ fate: call === 1 ? 'lose-response' : 'pass' }),
    });
    await scanner.scan(uploadId, 'v1');
    expect(scanned).toEqual([OBJECT, OBJECT]);
  });

  test.each([
    ['is down', { fate: 'lose-request' }],
    ['fails', { fate: 'answer', status: 500, body: '{}' }],
    ['throttles', { fate: 'answer', status: 429, body: '{"__type":"TooManyRequestsException"}' }],
  ] as const)('throws Unavailable after two attempts if GuardDuty %s', async (_what, fault) => {
    const { scanner, calls } = await guardDuty({ fate: () => fault });
    await expect(scanner.scan(uploadId, 'v1')).rejects.toBeInstanceOf(Unavailable);
    expect(calls()).toBe(2);
  });

  test('rethrows an error from GuardDuty without a retry if the bucket has no plan or access is denied', async () => {
    const unprotected = await guardDuty({ isProtected: false });
    await expect(unprotected.scanner.scan(uploadId, 'v1')).rejects.toMatchObject({
      name: 'BadRequestException',
      $metadata: { httpStatusCode: 400 },
    });
    const denied = await guardDuty({ authorize: async (access) => denialOf(access) });
    await expect(denied.scanner.scan(uploadId, 'v1')).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    expect([unprotected.calls(), denied.calls()]).toEqual([1, 1]);
  });
});
