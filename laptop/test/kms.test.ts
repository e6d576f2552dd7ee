import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenerateMacCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AccessRequest, allowAll } from '../src/access.ts';
import { type RunningKms, startKms } from '../src/kms/kms.ts';
import type { Callers } from '../src/services/auth-proxy.ts';
import { denialOf } from './support/denial.ts';
import { signedCall } from './support/signed-fetch.ts';

const CREDENTIALS = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'secret' };
const REGION = 'eu-west-1';
const MESSAGE = Buffer.from('tvm/signing-key/v1/377');

let dataDir: string;
let kms: RunningKms;
const clients: KMSClient[] = [];

const start = (authorize: Callers['authorize'] = allowAll) =>
  startKms(
    { port: 0, dataDir, region: REGION, accountId: '123456789012' },
    {
      authorize,
      clock: () => new Date(),
      credentials: (id) => (id === CREDENTIALS.accessKeyId ? CREDENTIALS : undefined),
    },
  );

function clientOf(service: RunningKms, region = REGION): KMSClient {
  const client = new KMSClient({
    endpoint: service.url,
    region,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

const macOf = (client: KMSClient, KeyId: string, Message: Uint8Array = MESSAGE) =>
  client.send(new GenerateMacCommand({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message }));

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'local-kms-'));
  kms = await start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await kms.close();
  rmSync(dataDir, { recursive: true });
});

describe('the local KMS', () => {
  test('a MAC has 32 bytes, and is the same whether the key is identified by ID or by ARN', async () => {
    const arn = kms.createHmacKey('signing');
    const client = clientOf(kms);
    const first = await macOf(client, 'signing');
    const second = await macOf(client, arn);
    expect(first.Mac).toHaveLength(32);
    expect(second.Mac).toEqual(first.Mac);
    expect(first).toMatchObject({ KeyId: arn, MacAlgorithm: 'HMAC_SHA_256' });
    expect(arn).toBe('arn:aws:kms:eu-west-1:123456789012:key/signing');
  });

  test('a MAC depends on the message and on the key', async () => {
    kms.createHmacKey('signing');
    kms.createHmacKey('pseudonym');
    const client = clientOf(kms);
    const macs = await Promise.all([
      macOf(client, 'signing'),
      macOf(client, 'pseudonym'),
      macOf(client, 'signing', Buffer.from('tvm/signing-key/v1/378')),
    ]);
    expect(new Set(macs.map(({ Mac }) => Buffer.from(Mac ?? []).toString('hex'))).size).toBe(3);
  });

  test('a key stays the same if it is created again after a restart', async () => {
    kms.createHmacKey('signing');
    const before = await macOf(clientOf(kms), 'signing');
    await kms.close();
    kms = await start();
    kms.createHmacKey('signing');
    const restarted = await macOf(clientOf(kms), 'signing');
    expect(restarted.Mac).toEqual(before.Mac);
  });

  test('unknown keys and ARNs from another account are rejected', async () => {
    kms.createHmacKey('signing');
    const client = clientOf(kms);
    await expect(macOf(client, 'other')).rejects.toMatchObject({ name: 'NotFoundException' });
    await expect(macOf(client, 'arn:aws:kms:eu-west-1:999999999999:key/signing')).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  test('unsigned requests and signatures for another region are rejected', async () => {
    const response = await fetch(kms.url, { method: 'POST', body: '{}' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
    await expect(macOf(clientOf(kms, 'us-east-1'), 'signing')).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
  });

  test('operations other than GenerateMac are rejected', async () => {
    await expect(clientOf(kms).send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: 'UnsupportedOperationException',
    });
  });

  test('a call in another version of the protocol is rejected', async () => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'TrentService.GenerateMac',
    };
    const target = { service: 'kms', url: kms.url };
    const response = await signedCall({ ...CREDENTIALS, region: REGION }, target, 'POST', {}, headers);
    expect(await response.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });

  test('empty messages, messages of more than 4,096 bytes, and algorithms other than HMAC_SHA_256 are rejected', async () => {
    kms.createHmacKey('signing');
    const client = clientOf(kms);
    await expect(macOf(client, 'signing', new Uint8Array())).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(macOf(client, 'signing', new Uint8Array(4097))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(macOf(client, 'signing', new Uint8Array(50_000))).rejects.toMatchObject({
      name: 'RequestEntityTooLargeException',
    });
    expect((await macOf(client, 'signing', new Uint8Array(4096))).Mac).toHaveLength(32);
    await expect(
      client.send(
        new GenerateMacCommand({ KeyId: 'signing', MacAlgorithm: 'HMAC_SHA_512', Message: MESSAGE }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  });

  test('a caller without permission cannot find out whether a key exists', async () => {
    const authorizations: AccessRequest[] = [];
    await kms.close();
    kms = await start((access) => {
      authorizations.push(access);
      return denialOf(access);
    });
    await expect(macOf(clientOf(kms), 'other')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: \S+nobody is not authorized to perform: kms:GenerateMac on resource: arn:/,
      ),
    });
    expect(authorizations).toMatchObject([
      {
        accessKeyId: 'AKIDLOCAL',
        action: 'kms:GenerateMac',
        resource: 'arn:aws:kms:eu-west-1:123456789012:key/other',
        conditions: { 'kms:MacAlgorithm': 'HMAC_SHA_256', 'aws:SecureTransport': 'true' },
      },
    ]);
  });

  test('the local KMS closes immediately, even with idle connections and an incomplete request', async () => {
    await fetch(kms.url);
    const { hostname, port } = new URL(kms.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST / HTTP/1.1\r\nhost: kms\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\nhalf');
    const [invitation] = await once(socket, 'data');
    expect(String(invitation)).toContain('100 Continue');

    const cut = once(socket, 'close');
    await kms.close();
    await cut;
    await expect(fetch(kms.url)).rejects.toThrow();
  });
});
