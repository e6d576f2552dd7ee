import { readFileSync } from 'node:fs';
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Clients, createClients } from '../../laptop/src/clients.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { type Laptop, postToken, startLaptop } from '../support/laptop.ts';

const GOLDEN = readFileSync(new URL('../golden/eventbridge-bounce.json', import.meta.url), 'utf8');

let laptop: Laptop;
let clients: Clients;

beforeAll(async () => {
  laptop = await startLaptop();
  clients = createClients(laptop.endpoints, laptop.endpoints, laptop.endpoints.region);
  await laptop.offer('report.pdf', 'the report');
});
afterAll(async () => {
  clients.destroy();
  await laptop.close();
});

/** Puts a permanent bounce into the bounce queue, as EventBridge would. */
async function bounce(tokenId: string): Promise<void> {
  const QueueName = laptop.endpoints.mailQueueUrl
    .split('/')
    .at(-1)
    ?.replace(/MailQueue$/, 'BounceQueue');
  const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName }));
  const MessageBody = GOLDEN.replace('TOKEN_ID', tokenId);
  await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

/** Waits until a token's history contains an event, and returns all events in the history. */
function historyWith(tokenId: string, event: string): Promise<readonly string[]> {
  const tables = DynamoDBDocumentClient.from(clients.dynamodb);
  const history = async (): Promise<readonly string[]> => {
    const { Items = [] } = await tables.send(
      new QueryCommand({
        TableName: laptop.endpoints.ledgerTable,
        KeyConditionExpression: 'tokenId = :tokenId',
        ExpressionAttributeValues: { ':tokenId': tokenId },
      }),
    );
    return Items.map((item) => String(item.event));
  };
  return eventually(history, (events) => events.includes(event));
}

/** Returns the token ID in a token: the 16 bytes after the version, the epoch, and the expiry (docs/protocol.md). */
const idIn = (token: string) => Buffer.from(token.slice(4), 'base64url').subarray(7, 23).toString('hex');

test('a permanent bounce revokes the link, and the history records the reason', async () => {
  const token = await laptop.mailedToken('gone@example.org', 'report.pdf');
  // The e-mail reaches the inbox before its ledger entry is written.
  await historyWith(idIn(token), 'mailed');
  await bounce(idIn(token));
  const events = await historyWith(idIn(token), 'revoked');
  expect(events.toSorted()).toEqual(['bounced', 'issued', 'mailed', 'revoked']);

  const response = await postToken(`${laptop.endpoints.api}/redeem`, token);
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code: 'token_revoked' });
});
