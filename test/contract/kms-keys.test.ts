import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JsonService } from '../../lambda/adapters/json-service.ts';
import { type ComputeMac, macsOf } from '../../lambda/adapters/kms-derived-keys.ts';
import { KmsPseudonyms } from '../../lambda/adapters/kms-pseudonyms.ts';
import { KmsSigningKeys } from '../../lambda/adapters/kms-signing-keys.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { allowAll } from '../../laptop/src/access.ts';
import { type RunningKms, startKms } from '../../laptop/src/kms/kms.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';
import { keyEpoch, secondsAt } from '../support/values.ts';

const REGION = 'us-east-1';
const dataDir = mkdtempSync(join(tmpdir(), 'kms-keys-'));
let kms: RunningKms;
let keyId: string;

beforeAll(async () => {
  kms = await startKms(
    { port: 0, dataDir, region: REGION, accountId: '000000000000' },
    {
      authorize: allowAll,
      clock: () => new Date(),
      credentials: (id) => (id === 'AKIDTEST' ? { secretAccessKey: 'secret' } : undefined),
    },
  );
  keyId = kms.createHmacKey('signing');
});
afterAll(async () => {
  await kms.close();
  rmSync(dataDir, { recursive: true });
});

/** Runs `use` with KMS behind a proxy that counts calls. `decide` chooses the fault, if any, for each call. */
async function through<T>(
  use: (computeMac: ComputeMac, calls: () => number) => Promise<T>,
  decide: Decide = () => ({ fate: 'pass' }),
): Promise<T> {
  let calls = 0;
  const proxy = await startFaultProxy(kms.url, (target, request) => {
    calls += 1;
    return decide(target, request);
  });
  const service = new JsonService({
    service: 'kms',
    url: proxy.url,
    target: 'TrentService',
    version: '1.1',
    region: REGION,
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
  });
  try {
    return await use(macsOf(service), () => calls);
  } finally {
    service.destroy();
    await proxy.close();
  }
}

describe('the signing keys', () => {
  test('are 32 bytes long, the same within a month, and different for each month', async () => {
    await through(async (computeMac) => {
      const keys = new KmsSigningKeys(computeMac, keyId);
      const one = await keys.keyFor(keyEpoch(376));
      expect(one).toHaveLength(32);
      expect(await new KmsSigningKeys(computeMac, keyId).keyFor(keyEpoch(376))).toEqual(one);
      expect(await keys.keyFor(keyEpoch(377))).not.toEqual(one);
    });
  });

  test('need one call to KMS per month, even for many concurrent requests', async () => {
    await through(async (computeMac, calls) => {
      const keys = new KmsSigningKeys(computeMac, keyId);
      await keys.prepare(secondsAt('2031-05-17T10:20:30Z'));
      await Promise.all(Array.from({ length: 50 }, () => keys.keyFor(keyEpoch(376))));
      expect(calls()).toBe(1);
    });
  });

  test('are fetched again after a failure, and the failure does not prevent a function from starting', async () => {
    let down = true;
    await through(
      async (computeMac) => {
        const keys = new KmsSigningKeys(computeMac, keyId);
        await keys.prepare(secondsAt('2031-05-17T10:20:30Z'));
        await expect(keys.keyFor(keyEpoch(376))).rejects.toBeInstanceOf(Unavailable);
        down = false;
        expect(await keys.keyFor(keyEpoch(376))).toHaveLength(32);
      },
      () => (down ? { fate: 'lose-request' } : { fate: 'pass' }),
    );
  });
});

describe('the pseudonyms', () => {
  test('are equal only for equal values, differ between sources and addresses, and need one call to KMS', async () => {
    await through(async (computeMac, calls) => {
      const pseudonyms = new KmsPseudonyms(computeMac, keyId);
      const ada = await pseudonyms.of('address', 'ada@example.org');
      expect(ada).toMatch(/^[0-9a-f]{32}$/);
      expect(await pseudonyms.of('address', 'ada@example.org')).toBe(ada);
      expect(await pseudonyms.of('address', 'eve@example.org')).not.toBe(ada);
      expect(await pseudonyms.of('source', 'ada@example.org')).not.toBe(ada);
      expect(calls()).toBe(1);
    });
  });
});
