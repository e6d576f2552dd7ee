import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { SESClient } from '@aws-sdk/client-ses';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type AccessRequest, type Authorize, allowAll } from '../../src/access.ts';
import { type AccessKey, openAccessKeys } from '../../src/access-keys.ts';
import type { RunningService } from '../../src/loopback-server.ts';
import { type RunningDynamoDb, startDynamoDb } from '../../src/services/dynamodb.ts';
import { startSes } from '../../src/services/ses.ts';
import { type RunningSqs, SQS_ACCOUNT, startSqs } from '../../src/services/sqs.ts';

const REGION = 'us-east-1';

/** DynamoDB, SQS, and SES in a temporary folder. They record their authorization requests. */
export class LocalServices {
  readonly #dir = mkdtempSync(join(tmpdir(), 'services-'));
  readonly keys = openAccessKeys(join(this.#dir, 'keys.json'), SQS_ACCOUNT);
  readonly #running = new Map<string, RunningService>();
  #dynamodb: RunningDynamoDb | undefined;
  #sqs: RunningSqs | undefined;
  /** The authorization requests, oldest first. */
  readonly authorizations: AccessRequest[] = [];
  /** Decides each authorization request. Tests replace it. */
  authorize: Authorize = allowAll;

  get operator(): AccessKey {
    return this.keys.keyOf('user', 'operator');
  }

  async start(): Promise<void> {
    const home = { region: REGION, accountId: SQS_ACCOUNT };
    const callers = {
      credentials: this.keys.lookup,
      clock: () => new Date(),
      authorize: (request: AccessRequest) => {
        this.authorizations.push(request);
        return this.authorize(request);
      },
    };
    const dataDir = join(this.#dir, 'dynamodb');
    this.#dynamodb = await startDynamoDb({ port: 0, dataDir, home }, callers);
    this.#running.set('dynamodb', this.#dynamodb);
    this.#sqs = await startSqs({ port: 0, region: REGION }, callers);
    this.#running.set('sqs', this.#sqs);
    this.#running.set('ses', await startSes({ port: 0, ...home }, callers));
  }

  urlOf(service: 'dynamodb' | 'sqs' | 'ses'): string {
    return this.#running.get(service)?.url ?? '';
  }

  /** Sends a message on behalf of another service. */
  sendMessage(queueUrl: string, body: string): Promise<unknown> {
    if (this.#sqs === undefined) throw new Error('not started');
    return this.#sqs.sendMessage(queueUrl, body);
  }

  /** The running DynamoDB, including the methods that are not part of its API. */
  get tables(): RunningDynamoDb {
    if (this.#dynamodb === undefined) throw new Error('not started');
    return this.#dynamodb;
  }

  dynamodbStreams(credentials = this.operator): DynamoDBStreamsClient {
    return new DynamoDBStreamsClient({
      endpoint: this.urlOf('dynamodb'),
      region: REGION,
      credentials,
      maxAttempts: 1,
    });
  }

  dynamodb(credentials = this.operator): DynamoDBClient {
    return new DynamoDBClient({
      endpoint: this.urlOf('dynamodb'),
      region: REGION,
      credentials,
      maxAttempts: 1,
    });
  }

  sqs(credentials = this.operator): SQSClient {
    return new SQSClient({ endpoint: this.urlOf('sqs'), region: REGION, credentials, maxAttempts: 1 });
  }

  ses(credentials = this.operator): SESClient {
    return new SESClient({ endpoint: this.urlOf('ses'), region: REGION, credentials, maxAttempts: 1 });
  }

  /** Returns the path of the file that contains a table's stream. */
  streamLog(table: string): string {
    return join(this.#dir, 'dynamodb', 'streams', table);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((service) => service.close()));
    this.#running.clear();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#dir, { recursive: true });
  }
}
