import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import { START, type StreamRecord } from './stream-log.ts';
import { STREAM_LABEL, type TableStream, type TableStreams } from './table-streams.ts';

/** The prefix of DynamoDB Streams' operations in `X-Amz-Target`. */
export const DYNAMODB_STREAMS = 'DynamoDBStreams_20120810';

/** The ID of every stream's only shard. */
export const SHARD_ID = 'shardId-00000000000000000000-00000001';

/** Lifetime of a shard iterator: 15 minutes. */
const ITERATOR_MS = 15 * 60_000;

type Output =
  | { readonly ok: true; readonly output: object }
  | { readonly ok: false; readonly error: AwsError };

/** A position in a stream. Clients receive it as an opaque string. */
const Iterator = z.object({ arn: z.string(), after: z.string(), issuedMs: z.number() });
type Iterator = z.output<typeof Iterator>;

const position = z.string().regex(/^\d{21,40}$/);
const Inputs = {
  GetShardIterator: z.discriminatedUnion('ShardIteratorType', [
    z.object({ ShardIteratorType: z.enum(['TRIM_HORIZON', 'LATEST']) }),
    z.object({ ShardIteratorType: z.literal('AFTER_SEQUENCE_NUMBER'), SequenceNumber: position }),
  ]),
  GetRecords: z.object({ ShardIterator: z.string(), Limit: z.number().min(1).max(1000).default(1000) }),
};

/**
 * Returns the resource that the caller needs permissions on: the ARN of the stream that the request names, or `*` if it
 * names none.
 */
export function streamArnIn(operation: string, input: Readonly<Record<string, unknown>>): string {
  const arn = operation === 'GetRecords' ? iteratorOf(input.ShardIterator)?.arn : input.StreamArn;
  return typeof arn === 'string' ? arn : '*';
}

/**
 * Answers a request to DynamoDB Streams. Every stream has one shard, which stays open.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
export function answerStreamsCall(
  operation: string,
  input: Readonly<Record<string, unknown>>,
  streams: TableStreams,
  { clock, keySchemaOf }: { clock(): Date; keySchemaOf(table: string): Promise<unknown> },
): Output | Promise<Output> {
  if (!['DescribeStream', 'GetShardIterator', 'GetRecords'].includes(operation))
    return refused('UnknownOperationException', '');
  if (operation === 'GetRecords') return getRecords(input, streams, clock());
  const stream = streams.withArn(input.StreamArn);
  if (stream === undefined) return notFound(input.StreamArn);
  if (operation === 'GetShardIterator') return getShardIterator(input, stream, clock());
  return describeStream(stream, keySchemaOf);
}

async function describeStream(
  { arn, table, view, log }: TableStream,
  keySchemaOf: (table: string) => Promise<unknown>,
): Promise<Output> {
  return done({
    StreamDescription: {
      StreamArn: arn,
      StreamLabel: STREAM_LABEL,
      StreamStatus: 'ENABLED',
      StreamViewType: view,
      CreationRequestDateTime: Date.parse(`${STREAM_LABEL}Z`) / 1000,
      TableName: table,
      KeySchema: await keySchemaOf(table),
      Shards: [{ ShardId: SHARD_ID, SequenceNumberRange: { StartingSequenceNumber: log.oldest ?? START } }],
    },
  });
}

function getShardIterator(
  input: Readonly<Record<string, unknown>>,
  { arn, log }: TableStream,
  now: Date,
): Output {
  if (input.ShardId !== SHARD_ID) return notFound(input.ShardId);
  const { data, error } = Inputs.GetShardIterator.safeParse(input);
  if (data === undefined) return invalid(error);
  const from = (after: string) => done({ ShardIterator: textOf({ arn, after, issuedMs: now.getTime() }) });
  if (!('SequenceNumber' in data)) return from(data.ShardIteratorType === 'LATEST' ? log.latest : START);
  return data.SequenceNumber < (log.oldest ?? START)
    ? refused('TrimmedDataAccessException', 'The records at this sequence number have been removed.')
    : from(data.SequenceNumber);
}

function getRecords(input: unknown, streams: TableStreams, now: Date): Output {
  const { data, error } = Inputs.GetRecords.safeParse(input);
  if (data === undefined) return invalid(error);
  const iterator = iteratorOf(data.ShardIterator);
  if (iterator === undefined) return refused('ValidationException', 'Invalid ShardIterator.');
  const { arn, after, issuedMs } = iterator;
  const stream = streams.withArn(arn);
  if (stream === undefined) return notFound(arn);
  if (now.getTime() - issuedMs > ITERATOR_MS)
    return refused('ExpiredIteratorException', 'The shard iterator is older than 15 minutes.');
  const records = stream.log.after(after, data.Limit);
  const next = records.at(-1)?.dynamodb.SequenceNumber ?? after;
  return done({
    Records: records.map(apiRecord),
    NextShardIterator: textOf({ arn, after: next, issuedMs: now.getTime() }),
  });
}

/** Converts a record from Lambda's format to the API's, which capitalizes the field names in `userIdentity`. */
const apiRecord = ({ userIdentity, ...record }: StreamRecord): object => ({
  ...record,
  ...(userIdentity === undefined
    ? {}
    : { userIdentity: { Type: userIdentity.type, PrincipalId: userIdentity.principalId } }),
});

const textOf = (iterator: Iterator): string => Buffer.from(JSON.stringify(iterator)).toString('base64url');

function iteratorOf(text: unknown): Iterator | undefined {
  return Iterator.safeParse(parseJson(Buffer.from(String(text), 'base64url').toString())).data;
}

const done = (output: object): Output => ({ ok: true, output });

const refused = (code: string, message: string): Output => ({ ok: false, error: { code, message } });

const invalid = (error: z.ZodError | undefined): Output =>
  refused('ValidationException', error === undefined ? '' : z.prettifyError(error));

const notFound = (what: unknown): Output =>
  refused('ResourceNotFoundException', `Requested resource not found: ${String(what)}`);
