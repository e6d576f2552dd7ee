import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openAccessKeys } from '../src/access-keys.ts';
import { deleteUser } from './support/delete-user.ts';

const ACCOUNT = '000000000000';

let folder: string;
const path = (): string => join(folder, 'access-keys.json');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Opens the access keys, as local mode does on every start. */
function start(kind: 'user' | 'role', name: string) {
  const keys = openAccessKeys(path(), ACCOUNT);
  const { accessKeyId } = keys.keyOf(kind, name);
  return { accessKeyId, principal: keys.principalOf(accessKeyId), keys };
}

describe('access keys', () => {
  test('a user keeps its access key and unique ID across restarts', () => {
    const first = start('user', 'operator');
    expect(first.principal).toEqual({
      kind: 'user',
      name: 'operator',
      arn: `arn:aws:iam::${ACCOUNT}:user/operator`,
      userId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    });
    expect(start('user', 'operator')).toMatchObject({
      accessKeyId: first.accessKeyId,
      principal: first.principal,
    });
  });

  test("the user ID of a role session consists of the role's unique ID and the session name", () => {
    expect(start('role', 'redeem').principal?.userId).toMatch(/^AROA[A-Z2-7]{17}:redeem$/);
  });

  test('a user that is deleted and recreated gets a new unique ID and access key, but keeps its ARN', () => {
    const old = start('user', 'operator');
    start('role', 'redeem');
    deleteUser(path(), 'operator');
    const again = start('user', 'operator');
    expect(again.principal?.arn).toBe(old.principal?.arn);
    expect(again.principal?.userId).not.toBe(old.principal?.userId);
    expect(again.keys.lookup(old.accessKeyId)).toBeUndefined();
  });
});
