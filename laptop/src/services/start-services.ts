import type { Authorize } from '../access.ts';
import type { AccessKeys } from '../access-keys.ts';
import { type RunningKms, startKms } from '../kms/kms.ts';
import { onPortOrFree, portOf } from '../ports.ts';
import { type RunningS3, type S3Options, startS3 } from '../s3/s3.ts';
import { type RunningDynamoDb, startDynamoDb } from './dynamodb.ts';
import { startSes } from './ses.ts';
import { type RunningSqs, startSqs } from './sqs.ts';

export interface RunningServices {
  readonly s3: RunningS3;
  readonly dynamodb: RunningDynamoDb;
  readonly kms: RunningKms;
  readonly sqs: RunningSqs;
  readonly urls: Readonly<Record<'s3' | 'dynamodb' | 'sqs' | 'ses' | 'kms', string>>;
  close(): Promise<void>;
}

export interface ServicesOptions {
  /** The API's port. The services use the ports after it. 0 for any free ports. */
  readonly basePort: number;
  readonly region: string;
  readonly accountId: string;
  readonly accessKeys: AccessKeys;
  readonly authorize: Authorize;
  readonly clock: () => Date;
  readonly onObjectCreated: NonNullable<S3Options['onObjectCreated']>;
  /** Returns the folder for the data of a service. */
  dirOf(service: string): string;
}

/** Starts S3, DynamoDB, SQS, SES, and KMS on 127.0.0.1. If one fails to start, the others are stopped. */
export async function startServices(options: ServicesOptions): Promise<RunningServices> {
  const { basePort, region, accountId, accessKeys, authorize, clock, onObjectCreated, dirOf } = options;
  const callers = { credentials: accessKeys.lookup, authorize, clock };
  const started = new Set<{ close(): Promise<void> }>();
  const start = async <Service extends { close(): Promise<void> }>(
    name: Parameters<typeof portOf>[0],
    startOn: (port: number) => Promise<Service>,
  ): Promise<Service> => {
    const service = await onPortOrFree(portOf(name, basePort), startOn);
    started.add(service);
    return service;
  };
  const close = async (): Promise<void> => {
    await Promise.all([...started].map((service) => service.close()));
  };

  const starting = [
    start('s3', (port) => startS3({ port, dataDir: dirOf('s3'), region, onObjectCreated, ...callers })),
    start('dynamodb', (port) =>
      startDynamoDb({ port, dataDir: dirOf('dynamodb'), home: { region, accountId } }, callers),
    ),
    start('sqs', (port) => startSqs({ port, region }, callers)),
    start('ses', (port) => startSes({ port, region, accountId }, callers)),
    start('kms', (port) => startKms({ port, dataDir: dirOf('kms'), region, accountId }, callers)),
  ] as const;
  try {
    const [s3, dynamodb, sqs, ses, kms] = await Promise.all(starting);
    const urls = { s3: s3.url, dynamodb: dynamodb.url, sqs: sqs.url, ses: ses.url, kms: kms.url };
    return { s3, dynamodb, kms, sqs, urls, close };
  } catch (error) {
    await Promise.allSettled(starting);
    await close();
    throw error;
  }
}
