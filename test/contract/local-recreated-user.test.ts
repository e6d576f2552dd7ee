import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openAccessKeys } from '../../laptop/src/access-keys.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { expectStatus, Machine } from '../support/permissions/machine.ts';

const machine = new Machine();
beforeAll(async () => {
  await machine.start();
  await machine.offer('report.pdf');
});
afterAll(() => machine.close());

const principal = () =>
  openAccessKeys(join(machine.dataDir, 'access-keys.json'), '000000000000').principalOf(
    machine.endpoints.accessKeyId,
  );

test('a recreated user has a new unique ID, and the old access key is refused', async () => {
  const { tokenId } = await machine.issued('report.pdf');
  const old = { endpoints: machine.endpoints, principal: principal() };

  await machine.recreateOperator();
  expect(principal()?.arn).toBe(old.principal?.arn);
  expect(principal()?.userId).not.toBe(old.principal?.userId);

  const oldKey = { accessKeyId: old.endpoints.accessKeyId, secretAccessKey: old.endpoints.secretAccessKey };
  const path = `/operator/tokens/${tokenId}`;
  await expectStatus(machine.get(path), 200);
  await expectStatus(signedFetch({ ...machine.endpoints, ...oldKey }, 'GET', path), 403);
});
