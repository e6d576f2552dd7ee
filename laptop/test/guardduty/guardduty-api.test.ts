import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { startGuardDutyApi } from '../../src/guardduty/guardduty-api.ts';
import { afterwards } from '../support/afterwards.ts';
import { EICAR } from '../support/eicar.ts';
import { HOME, type ScannedBucket, scannedBuckets, verdictTag } from '../support/scanned-bucket.ts';
import { signedCall } from '../support/signed-fetch.ts';

const openBucket = scannedBuckets();
const undoing = afterwards();

describe('SendObjectMalwareScan', () => {
  let bucket: ScannedBucket;
  let url: string;
  beforeEach(async () => {
    bucket = await openBucket();
    const callers = { credentials: bucket.keys.lookup, authorize: bucket.authorize, clock: () => new Date() };
    const service = await startGuardDutyApi(
      { port: 0, region: HOME.region, protection: bucket.protection, findObject: bucket.service.findObject },
      callers,
    );
    undoing(service.close);
    url = `${service.url}/object-malware-scan/send`;
  });
  /** Sends the request, signed with the operator's key unless another is given. */
  const send = (s3Object: unknown, key = bucket.keys.keyOf('user', 'operator')) =>
    signedCall({ ...HOME, ...key }, { service: 'guardduty', url }, 'POST', { s3Object });

  test("scans the requested version, even outside the plan's prefix", async () => {
    const versionId = await bucket.put('gated/a', EICAR);
    await bucket.put('gated/a', 'clean');
    const response = await send({ bucket: 'small-bucket', key: 'gated/a', versionId });
    expect([response.status, await response.json()]).toEqual([200, {}]);
    await bucket.protection.idle();
    expect(bucket.events).toMatchObject([
      {
        detail: {
          s3ObjectDetails: { objectKey: 'gated/a', versionId, eTag: expect.stringMatching(/^[0-9a-f]{32}$/) },
          scanResultDetails: { scanResultStatus: 'THREATS_FOUND' },
        },
      },
    ]);
  });

  test('scans the latest version by default', async () => {
    await bucket.put('gated/a', EICAR);
    const versionId = await bucket.put('gated/a', 'clean');
    await send({ bucket: 'small-bucket', key: 'gated/a' });
    await bucket.protection.idle();
    expect(bucket.events).toMatchObject([
      {
        detail: {
          s3ObjectDetails: { versionId },
          scanResultDetails: { scanResultStatus: 'NO_THREATS_FOUND' },
        },
      },
    ]);
    expect(await bucket.tagsOf('gated/a')).toEqual([verdictTag('NO_THREATS_FOUND')]);
  });

  test.each<[string, unknown]>([
    ['a bucket that does not exist', { bucket: 'other', key: 'a' }],
    ['an object that does not exist', { bucket: 'small-bucket', key: 'nothing' }],
    ['no key', { bucket: 'small-bucket' }],
    ['no object', undefined],
  ])('is rejected if the request names %s', async (_, s3Object) => {
    const response = await send(s3Object);
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'BadRequestException']);
  });

  test('is rejected for a bucket without a plan', async () => {
    bucket.service.createBucket('other', { versioned: false });
    await bucket.s3.send(new PutObjectCommand({ Bucket: 'other', Key: 'a', Body: 'content' }));
    const response = await send({ bucket: 'other', key: 'a' });
    expect(await response.json()).toMatchObject({ message: 'The bucket has no Malware Protection plan.' });
  });

  test('is denied to callers without permission and to unsigned requests', async () => {
    const denied = await send({ bucket: 'small-bucket', key: 'a' }, bucket.keys.keyOf('user', 'nobody'));
    expect([denied.status, denied.headers.get('x-amzn-errortype')]).toEqual([403, 'AccessDeniedException']);
    expect(await denied.text()).toContain('guardduty:SendObjectMalwareScan on resource: *');
    const unsigned = await fetch(url, { method: 'POST', body: '{}' });
    expect(unsigned.status).toBe(403);
  });

  test('is the only supported operation', async () => {
    const response = await signedCall(
      { ...HOME, ...bucket.keys.keyOf('user', 'operator') },
      { service: 'guardduty', url: url.replace('/send', '/other') },
      'POST',
      {},
    );
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([
      404,
      'UnknownOperationException',
    ]);
  });
});
