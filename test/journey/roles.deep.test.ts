import { GenerateMacCommand } from '@aws-sdk/client-kms';
import { GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deriveKey } from '../../lambda/adapters/kms-derived-keys.ts';
import { newTokenId } from '../../lambda/domain/ids.ts';
import { parseToken, signToken } from '../../lambda/domain/token.ts';
import { readInbox } from '../../laptop/src/inbox.ts';
import { EICAR } from '../../laptop/test/support/eicar.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { functionNames as FUNCTIONS, type FunctionName } from '../../lib/capabilities.ts';
import { Machine } from '../support/permissions/machine.ts';
import { permissionsIn } from '../support/permissions/permission.ts';
import { ATTEMPTS } from '../support/roles/attempts.ts';
import { clientsOf, type RoleClients } from '../support/roles/role-clients.ts';
import { CLEAN, INFECTED, type Scanned, UPLOAD_ATTEMPTS } from '../support/roles/upload-attempts.ts';

/*
 * Tests how far an attacker who controls one function can get. Each role attempts everything that the other roles can
 * do, and more, under the policies of the template. SECURITY.md lists what an attacker can still do with each function.
 */

const FAR = 4_000_000_000;

const machine = new Machine({
  allowedRecipients: 'example.org',
  events: 'true',
  proofOfWork: 'auto',
  watermarks: 'on',
  secondChance: 'on',
  collections: 'on',
  presenceCode: 'on',
});
const roles = new Map<FunctionName, RoleClients>();
let scanned: Scanned;

/** Puts an upload into the bucket as the operator, and returns its version once the scanner has tagged it. */
async function uploaded(Key: string, Body: string): Promise<string> {
  const { s3 } = machine.clients;
  const at = { Bucket: machine.endpoints.bucket, Key };
  const { VersionId = '' } = await s3.send(new PutObjectCommand({ ...at, Body, IfNoneMatch: '*' }));
  const version = { ...at, VersionId };
  await eventually(
    async () => (await s3.send(new GetObjectTaggingCommand(version))).TagSet,
    ({ length }) => length > 0,
  );
  return VersionId;
}

beforeAll(async () => {
  await machine.start();
  await machine.offer('public.txt');
  await machine.offer('private/secret.txt');
  const { api } = machine.endpoints;
  // Runs each function once, so that its role exists.
  const token = await machine.mailedToken('public.txt');
  await fetch(`${api}/redeem?token=${token}`);
  await fetch(`${api}/challenge?asset=public.txt`);
  await fetch(`${api}/collection?token=x`);
  await machine.post('/redeem', token);
  await machine.post('/redeem/report', token);
  await machine.post('/redeem/stream', token);
  await machine.post('/redeem/watermark', token);
  await machine.post('/redeem/zip', token);
  await machine.issued('public.txt');
  // The responses do not matter, so none of these IDs and tokens need to exist.
  for (const path of ['/uploads', '/upload-links', '/uploads/x/finalize', '/operator/uploads/x/reject'])
    await signedFetch(machine.endpoints, 'POST', path, {});
  await machine.get('/objects/x/download-url');
  await fetch(`${api}/upload?token=x`);
  await fetch(`${api}/upload/finish`, { method: 'POST' });
  await machine.local.runSchedule('SweepRule');
  await machine.local.runSchedule('OutcomeRule');
  const [key] = permissionsIn(machine.police.policies).filter(
    ({ functionName, via }) => functionName === 'receive' && via === 's3',
  );
  scanned = {
    clean: await uploaded(CLEAN, 'harmless'),
    infected: await uploaded(INFECTED, EICAR),
    keyArn: key?.resource ?? '',
  };
  for (const name of FUNCTIONS) roles.set(name, clientsOf(name, machine.endpoints, machine.dataDir));
});
afterAll(async () => {
  for (const role of roles.values()) role.destroy();
  await machine.close();
});

function roleOf(name: FunctionName): RoleClients {
  const role = roles.get(name);
  if (role === undefined) throw new Error(`${name} has no role`);
  return role;
}

/** Returns whether IAM allowed a call, whatever the service answered. */
async function passes(attempt: Promise<unknown>): Promise<boolean> {
  const name = await attempt.then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
  return !/AccessDenied/.test(name);
}

describe('an attacker with the role of a function', () => {
  test.each(ATTEMPTS)('can %s only if the function needs to', async (_what, run, may) => {
    const able: FunctionName[] = [];
    for (const name of FUNCTIONS) {
      if (await passes(run(roleOf(name), machine.endpoints))) able.push(name);
    }
    expect(able.toSorted()).toEqual([...may].toSorted());
  });

  test.each(UPLOAD_ATTEMPTS)('can %s only if the function needs to', async (_what, run, may) => {
    const able: FunctionName[] = [];
    for (const name of FUNCTIONS) {
      if (await passes(run(roleOf(name), { ...machine.endpoints, ...scanned }))) able.push(name);
    }
    expect(able.toSorted()).toEqual([...may].toSorted());
  });
});

describe('an attacker with the role of mint', () => {
  /** Forges a form link as far as mint's role can, and waits until the mail function has handled it. */
  async function madeUp(asset: { readonly name: string; readonly fileName: string }, address: string) {
    const { tables, sqs } = roleOf('mint');
    const { tokenTable, ledgerTable, mailQueueUrl } = machine.endpoints;
    const tokenId = newTokenId('form');
    const terms = { tokenId, issuedBy: 'public', expiresAt: FAR, open: 'confirm', delivery: 'redirect' };
    const keyEpoch = (new Date().getUTCFullYear() - 2000) * 12 + new Date().getUTCMonth();
    const record = {
      ...terms,
      asset: { ...asset, key: `gated/${asset.name}`, versionId: 'null', type: 'text/plain', size: 9 },
      issuedAt: 1,
      keyEpoch,
      recipient: { address, pseudonym: 'a'.repeat(32) },
    };
    const issued = {
      ...terms,
      ...{ timeEvent: '2031-05-17T10:20:30.000Z#issued', event: 'issued', removeAt: FAR },
      ...{ asset: asset.name, fileName: asset.fileName, size: 9, address },
    };
    await tables.send(new PutCommand({ TableName: tokenTable, Item: record }));
    await tables.send(new PutCommand({ TableName: ledgerTable, Item: issued }));
    const handled = machine.police.nextCall('mail', 'sqs:DeleteMessage');
    await sqs.send(
      new SendMessageCommand({ QueueUrl: mailQueueUrl, MessageBody: JSON.stringify({ tokenId }) }),
    );
    await handled;
  }

  test.each([
    ['cannot get a private file', { name: 'private/secret.txt', fileName: 'secret.txt' }],
    [
      'cannot have any text mailed except the name of a file',
      { name: 'public.txt', fileName: 'Your mailbox is full' },
    ],
  ])('%s, not even with a forged record and ledger entry', async (_what, asset) => {
    const before = (await readInbox(machine.endpoints.inbox)).length;
    await madeUp(asset, 'made-up@example.org');
    expect(await readInbox(machine.endpoints.inbox)).toHaveLength(before);
  });

  test('cannot send mail to an address that is not on the allowlist', async () => {
    await madeUp({ name: 'public.txt', fileName: 'public.txt' }, 'made-up@example.net');
    const mails = await readInbox(machine.endpoints.inbox);
    expect(mails.filter(({ destination }) => destination.to.includes('made-up@example.net'))).toEqual([]);
  });
});

test('an attacker with the role of receive can make the token of any known link, not only of an upload link', async () => {
  const { kms } = roleOf('receive');
  const { token = '' } = await machine.issued('private/secret.txt');
  const claims = parseToken(token)?.claims;
  if (claims === undefined) throw new Error('The link has no token');
  const key = await deriveKey(
    async (KeyId, Message) => {
      const made = await kms.send(new GenerateMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message }));
      return made.Mac ?? new Uint8Array();
    },
    machine.endpoints.signingKeyId,
    `tvm/signing-key/v1/${claims.keyEpoch}`,
  );
  expect(signToken(claims, key)).toBe(token);
});

test('an attacker with the role of redeem can neither hide a link nor break a list of links with a forged ledger entry', async () => {
  const { tables } = roleOf('redeem');
  const { tokenId } = await machine.issued('public.txt');
  const line = {
    timeEvent: '2000-01-01T00:00:00.000Z#issued',
    event: 'issued',
    asset: 'public.txt',
    removeAt: FAR,
  };
  await tables.send(new PutCommand({ TableName: machine.endpoints.ledgerTable, Item: { tokenId, ...line } }));
  for (const path of [`/links/${tokenId}`, '/links?asset=public.txt', '/operator/tokens']) {
    const response = await machine.get(path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(await response.text()).toContain(tokenId);
  }
});

test('an attacker with the role of redeem cannot send a notice that nobody requested', async () => {
  const { tables, sqs } = roleOf('redeem');
  const { receiptTable, mailQueueUrl, inbox } = machine.endpoints;
  const { tokenId } = await machine.issued('public.txt');
  const receipt = {
    ...{ tokenId, kind: 'redeemed', at: 1, redemptionId: 'made-up', asset: 'public.txt' },
    ...{ issuedBy: 'public', removeAt: FAR, sourceAddress: '', userAgent: '' },
  };
  await tables.send(new PutCommand({ TableName: receiptTable, Item: receipt }));
  const before = (await readInbox(inbox)).length;
  const handled = machine.police.nextCall('mail', 'sqs:DeleteMessage');
  const MessageBody = JSON.stringify({ tokenId, kind: 'notice' });
  await sqs.send(new SendMessageCommand({ QueueUrl: mailQueueUrl, MessageBody }));
  await handled;
  expect(await readInbox(inbox)).toHaveLength(before);
});
