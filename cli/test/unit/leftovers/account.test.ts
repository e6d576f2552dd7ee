import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KMSClient } from '@aws-sdk/client-kms';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { awsAccount } from '../../../leftovers/account.ts';

type Reply = { readonly status: number; readonly json: object };

let server: Server;
let asked: Record<string, unknown>[];
let replies: Reply[];
let account: ReturnType<typeof awsAccount>;
let destroy: () => void;

beforeEach(async () => {
  asked = [];
  replies = [];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(parts).toString()));
      const { status, json } = replies.shift() ?? { status: 500, json: {} };
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  const settings = { endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 };
  const clients = { tagging: new ResourceGroupsTaggingAPIClient(settings), kms: new KMSClient(settings) };
  account = awsAccount(clients, new AbortController().signal);
  destroy = () => {
    clients.tagging.destroy();
    clients.kms.destroy();
  };
});

afterEach(async () => {
  destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('awsAccount', () => {
  test('returns the resources with the tag of one stack, from every page', async () => {
    const mapping = (arn: string) => ({
      ResourceARN: arn,
      Tags: [
        { Key: 'tvm:stack', Value: 'Vending' },
        { Key: 'tvm:stage', Value: 'prod' },
      ],
    });
    replies = [
      { status: 200, json: { PaginationToken: 'more', ResourceTagMappingList: [mapping('arn:1')] } },
      { status: 200, json: { PaginationToken: '', ResourceTagMappingList: [mapping('arn:2')] } },
    ];
    expect(await account.resourcesOf('Vending')).toEqual([
      { arn: 'arn:1', stage: 'prod' },
      { arn: 'arn:2', stage: 'prod' },
    ]);
    expect(asked).toMatchObject([
      { TagFilters: [{ Key: 'tvm:stack', Values: ['Vending'] }] },
      { PaginationToken: 'more' },
    ]);
  });

  test.each([
    [{ KeyState: 'PendingDeletion', DeletionDate: 1796040000 }, 'pending-deletion'],
    [{ KeyState: 'Enabled' }, 'in-service'],
    [{ KeyState: 'Disabled' }, 'in-service'],
  ])('reports a key with the metadata %p as %s', async (KeyMetadata, kind) => {
    replies = [{ status: 200, json: { KeyMetadata } }];
    expect(await account.stateOfKey('arn:key')).toMatchObject({ kind });
  });

  test('reports a key that is unknown to KMS as gone', async () => {
    replies = [{ status: 400, json: { __type: 'NotFoundException', message: 'no such key' } }];
    expect(await account.stateOfKey('arn:key')).toEqual({ kind: 'gone' });
  });

  test('throws if a call is denied, instead of returning an empty account', async () => {
    replies = [
      { status: 400, json: { __type: 'AccessDeniedException', message: 'no' } },
      { status: 400, json: { __type: 'AccessDeniedException', message: 'no' } },
    ];
    await expect(account.resourcesOf('Vending')).rejects.toThrow();
    await expect(account.stateOfKey('arn:key')).rejects.toThrow();
  });
});
