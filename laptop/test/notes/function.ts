import { randomUUID } from 'node:crypto';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const { TABLE: TableName, QUEUE: QueueUrl, PUBLIC_URL } = process.env;
const dynamodb = new DynamoDBClient();
const sqs = new SQSClient();

interface ProxyResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** POST stores a note and sends a message about it. GET tries to list all notes, which the role does not allow. */
export async function handler(event: {
  readonly httpMethod: string;
  readonly body: string;
}): Promise<ProxyResponse> {
  if (event.httpMethod === 'GET') return list();
  const id = randomUUID();
  await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id }, text: { S: event.body } } }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: id }));
  return { statusCode: 201, headers: { location: `${PUBLIC_URL}/notes/${id}` }, body: id };
}

async function list(): Promise<ProxyResponse> {
  try {
    await dynamodb.send(new ScanCommand({ TableName }));
    return { statusCode: 200, body: 'listed' };
  } catch (error) {
    return { statusCode: 500, body: String(error) };
  }
}
