import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createSocketServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { startLoopbackServer } from '../laptop/src/loopback-server.ts';
import { MONTH_KEY, recordOf } from './requests.ts';
import { linkRow, SHA256, UPLOADS, uploadRow, VERSION } from './upload-rows.ts';

/** Default delay of every response, in milliseconds, so that all programs wait equally long for AWS. */
export const LATENCY_MS = 5;

/** One call to AWS. `operation` is an operation of a JSON service, such as `PutItem`, or the HTTP method for S3. */
export interface Call {
  readonly operation: string;
  /** Time of arrival, in milliseconds since the start of this process. */
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A stand-in for AWS with prepared responses: no token has been redeemed, and every write succeeds. */
export interface Services {
  readonly url: string;
  /** A local port that accepts any bytes, for streamed responses. */
  readonly sinkPort: number;
  readonly calls: Call[];
  /** The size of every file in S3, in bytes. */
  fileBytes: number;
  latencyMs: number;
  close(): Promise<void>;
}

export async function startServices(): Promise<Services> {
  const calls: Call[] = [];
  const state = { fileBytes: 1_000_000, latencyMs: LATENCY_MS };
  const server = await startLoopbackServer({ port: 0 }, async (request, response) => {
    const body = await text(request);
    const at = performance.now();
    if (state.latencyMs > 0) await wait(state.latencyMs);
    if (request.method === 'GET' || request.method === 'HEAD') {
      calls.push({ operation: request.method, at, body: {} });
      const described = XML[/[?&](tagging|versions)\b/.exec(request.url ?? '')?.[1] ?? ''];
      if (described === undefined) await sendFile(request, response, state.fileBytes);
      else response.writeHead(200, { 'content-type': 'application/xml' }).end(described);
      return;
    }
    const operation = operationOf(request);
    const input = operation === 'SendEmail' ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>);
    calls.push({ operation, at, body: input });
    const type = operation === 'SendEmail' ? 'text/xml' : 'application/x-amz-json-1.0';
    response.writeHead(200, { 'content-type': type }).end(bodyFor(operation, input));
  });
  const sink = createSocketServer((socket) => {
    socket.on('error', () => undefined).resume();
  });
  await new Promise<void>((resolve) => {
    sink.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(state, {
    url: server.url,
    sinkPort: (sink.address() as AddressInfo).port,
    calls,
    close: async () => {
      sink.close();
      await server.close();
    },
  });
}

/** Returns the operation of a call. Requests to SES and GuardDuty do not name it in a header. */
function operationOf({ headers, url }: IncomingMessage): string {
  if (url === '/object-malware-scan/send') return 'SendObjectMalwareScan';
  return String(headers['x-amz-target'] ?? 'SendEmail').replace(/^.*\./, '');
}

/** S3's responses to requests for tags and versions, by query parameter. */
const XML: Readonly<Record<string, string>> = {
  tagging:
    '<Tagging><TagSet><Tag><Key>GuardDutyMalwareScanStatus</Key><Value>NO_THREATS_FOUND</Value></Tag></TagSet></Tagging>',
  versions: '<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>',
};

function bodyFor(operation: string, input: Readonly<Record<string, unknown>>): string {
  switch (operation) {
    case 'GenerateMac':
      return JSON.stringify({ KeyId: input.KeyId, Mac: MONTH_KEY.toString('base64') });
    case 'BatchGetItem':
      return JSON.stringify({ Responses: recordsIn(input), UnprocessedKeys: {} });
    case 'UpdateItem':
      return JSON.stringify({ Attributes: { hits: { N: '1' } } });
    case 'GetItem':
      return JSON.stringify({ Item: marshalled(rowFor(input)) });
    case 'Query':
      return JSON.stringify({ Items: rowsIn(input).map(marshalled) });
    case 'SendMessage':
      return JSON.stringify({
        MessageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
        MD5OfMessageBody: createHash('md5').update(String(input.MessageBody)).digest('hex'),
      });
    case 'SendEmail':
      return '<SendEmailResponse><SendEmailResult><MessageId>1</MessageId></SendEmailResult></SendEmailResponse>';
    default:
      return '{}';
  }
}

type Keys = Readonly<
  Record<string, { readonly Keys: readonly { readonly tokenId: { readonly S: string } }[] }>
>;

/** Returns the requested records. No token has a receipt. */
function recordsIn({ RequestItems }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(RequestItems as Keys).map(([table, { Keys }]) => [
      table,
      table.includes('receipt') ? [] : Keys.map(({ tokenId }) => marshalled(recordOf(tokenId.S))),
    ]),
  );
}

/** Returns the row with this key: an upload if the key has an `uploadId`, and otherwise the upload link. */
function rowFor({ Key }: Readonly<Record<string, unknown>>): object {
  const { uploadId } = Key as Readonly<Record<string, { readonly S: string }>>;
  return uploadId === undefined ? linkRow() : uploadRow(uploadId.S);
}

/**
 * Returns the rows that a query finds: the `issued` entry of a link, the one upload or upload link that a scheduled
 * function has to handle, or no rows for the history of an upload.
 */
function rowsIn(input: Readonly<Record<string, unknown>>): readonly object[] {
  const values = input.ExpressionAttributeValues as Readonly<Record<string, { readonly S: string }>>;
  if (input.IndexName === 'byEnd') return [linkRow()];
  if (input.IndexName === 'byPile') {
    return values[':pile']?.S === 'finalized' ? [uploadRow(UPLOADS.finalized)] : [];
  }
  return values[':uploadId'] === undefined ? [issuedEntry(input)] : [];
}

function issuedEntry({ ExpressionAttributeValues }: Readonly<Record<string, unknown>>): object {
  const values = ExpressionAttributeValues as Readonly<Record<string, { readonly S: string }>>;
  const { asset, ...record } = recordOf(values[':tokenId']?.S ?? '');
  return {
    ...record,
    asset: asset.name,
    fileName: asset.fileName,
    size: asset.size,
    event: 'issued',
    timeEvent: `${new Date(record.issuedAt * 1000).toISOString()}#issued`,
    address: record.recipient?.address ?? 'ada@example.org',
  };
}

function marshalled(item: object): object {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)]));
}

function attribute(value: unknown): object {
  if (Array.isArray(value)) return { L: value.map(attribute) };
  if (typeof value === 'object' && value !== null) return { M: marshalled(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  return typeof value === 'number' ? { N: String(value) } : { S: String(value) };
}

/** A piece of a file, with the first bytes of a PDF. */
const PIECE = Buffer.alloc(64 * 1024);
PIECE.write('%PDF-1.7');

async function sendFile(request: IncomingMessage, response: ServerResponse, size: number): Promise<void> {
  response.writeHead(200, {
    'content-length': size,
    'content-type': 'application/pdf',
    'x-amz-version-id': VERSION,
    'x-amz-checksum-sha256': SHA256,
    etag: '"0"',
  });
  if (request.method === 'HEAD') {
    response.end();
    await finished(response);
    return;
  }
  await pipeline(pieces(size), response);
}

function* pieces(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= PIECE.length) yield PIECE.subarray(0, Math.min(left, PIECE.length));
}
