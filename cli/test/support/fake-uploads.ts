import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Crc64Nvme } from '@aws-sdk/checksums/crc';
import {
  invitesBody,
  type RunningService,
  startLoopbackServer,
} from '../../../laptop/src/loopback-server.ts';
import { OUTPUT_NAMES } from '../../tvm/deployment.ts';
import type { UploadState } from '../../uploads/upload.ts';
import { dataDirOf } from './tvm.ts';

const PART_SIZE = 16 * 1024 * 1024;
/** A part of every URL. It must never be printed. */
export const SECRET = 'X-Amz-Signature=5ec2e7';

interface Declared {
  readonly fileName: string;
  readonly size: number;
  readonly type: string;
  readonly sha256?: string;
  readonly crc64nvme?: string;
}

export interface FakeUpload {
  readonly uploadId: string;
  readonly declared: Declared;
  state: UploadState;
  reason?: string;
  object?: Buffer;
  /** Set if the upload has ended but is not closed. */
  closing?: true;
  readonly parts: Map<number, Buffer>;
}

/** S3's reaction to a PUT that it does not store: an error, or a broken connection. */
export type PutFault = { readonly status: number; readonly code: string } | 'break';

/** A problem that the API returns instead of its usual response. */
export interface ApiFault {
  readonly status: number;
  readonly code: string;
  readonly retryAfter?: number;
  readonly limit?: string;
}

/** A PUT that the fake has received. The part number is 0 if the file was sent whole. */
export interface SeenPut {
  readonly part: number;
  readonly status: number;
}

/** An in-memory API and S3 that follow the upload protocol. Tests can replace members. */
export class FakeUploads {
  readonly uploads = new Map<string, FakeUpload>();
  /** Requests to the API, such as `POST /uploads`. IDs are left out. */
  readonly calls: string[] = [];
  readonly bodies: unknown[] = [];
  readonly puts: SeenPut[] = [];
  /** The number of URLs that were signed for each part. */
  readonly signed = new Map<number, number>();
  underWay = 0;
  mostUnderWay = 0;
  /** The number of parts on each page of the parts list. */
  pageSize = 2;
  /** The state that the verdict leads to, and the number of reads until the verdict arrives. */
  verdict: { readonly state: UploadState; readonly reason?: string; reads: number } = {
    state: 'published',
    reads: 1,
  };

  private readonly server: RunningService;
  private readonly folder: ReturnType<typeof dataDirOf>;

  private constructor(server: RunningService) {
    this.server = server;
    const names = Object.keys(OUTPUT_NAMES);
    const services = ['s3', 'dynamodb', 'sqs', 'ses', 'kms', 'apigateway'];
    const urls = Object.fromEntries([...names, ...services].map((name) => [name, server.url]));
    const access = { region: 'eu-west-1', accessKeyId: 'AKID', secretAccessKey: 'secret' };
    this.folder = dataDirOf({ ...urls, ...access, api: `${server.url}/v1` });
  }

  static async start(): Promise<FakeUploads> {
    let fake: FakeUploads | undefined;
    const server = await startLoopbackServer({ port: 0 }, async (request, response) =>
      fake?.serve(request, response),
    );
    fake = new FakeUploads(server);
    return fake;
  }

  get dataDir(): string {
    return this.folder.dataDir;
  }

  async close(): Promise<void> {
    await this.server.close();
    this.folder.remove();
  }

  onPut: (part: number) => PutFault | undefined = () => undefined;
  /** Runs before the response to a call. Receives the call's entry in {@link calls}. */
  onCall: (call: string) => ApiFault | undefined = () => undefined;

  /** Returns the only upload. Throws unless there is exactly one. */
  get only(): FakeUpload {
    const [upload, ...others] = this.uploads.values();
    if (upload === undefined || others.length > 0) throw new Error(`There are ${this.uploads.size} uploads`);
    return upload;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.server.url);
    if (url.pathname.startsWith('/s3/')) return this.put(url, request, response);
    const body: unknown = JSON.parse((await buffer(request)).toString() || '{}');
    const { pathname } = url;
    const id = /\/[cd][0-9a-f]{31}/.exec(pathname)?.[0] ?? '';
    const call = `${request.method} ${pathname.slice('/v1'.length).replace(id, '')}`;
    this.calls.push(call);
    this.bodies.push(body);
    const fault = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')
      ? this.onCall(call)
      : { status: 403, code: 'access_denied' };
    const reply = fault ?? (await this.replyTo(call, id.slice(1), { url, request, body }));
    const isProblem = 'code' in reply;
    const retryAfter = isProblem ? reply.retryAfter : undefined;
    response.writeHead(reply.status, {
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    });
    response.end(JSON.stringify(isProblem ? { title: 'No', ...reply } : reply.body));
  }

  private async replyTo(
    call: string,
    id: string,
    { url, request, body }: { readonly url: URL; readonly request: IncomingMessage; readonly body: unknown },
  ): Promise<ApiFault | { readonly status: number; readonly body?: object }> {
    if (call === 'POST /uploads') return this.open(body as Declared, request.headers['idempotency-key']);
    if (call === 'GET /operator/uploads' && id === '') {
      const state = url.searchParams.get('state');
      const uploads = [...this.uploads.values()]
        .filter((one) => (one.closing ? 'closing' : one.state) === state)
        .map(reviewed);
      return { status: 200, body: { uploads } };
    }
    const upload = [...this.uploads.values()].find(({ uploadId }) => uploadId === id);
    if (upload === undefined) return { status: 404, code: 'not_found' };
    switch (call) {
      case 'GET /uploads':
        return { status: 200, body: view(this.judged(upload)) };
      case 'POST /uploads/parts': {
        const parts = (body as { partNumbers: number[] }).partNumbers.map((partNumber) => ({
          partNumber,
          size: sizeOfPart(upload.declared.size, partNumber),
          ...this.sign(upload, partNumber),
        }));
        return { status: 200, body: { parts, expiresAt: '2026-11-23T12:02:00Z' } };
      }
      case 'GET /uploads/parts': {
        if (upload.object !== undefined) return { status: 409, code: 'upload_ended' };
        const from = Number(url.searchParams.get('cursor') ?? 0);
        const all = [...upload.parts].map(([partNumber, bytes]) => ({ partNumber, size: bytes.length }));
        const more = from + this.pageSize < all.length;
        const parts = all.slice(from, from + this.pageSize);
        return { status: 200, body: { parts, ...(more && { cursor: String(from + this.pageSize) }) } };
      }
      case 'POST /uploads/finalize':
        return this.finalize(upload);
      case 'DELETE /uploads':
        Object.assign(upload, { state: 'expired', reason: 'cancelled' });
        return { status: 204 };
      case 'GET /operator/uploads': {
        const history = [
          { at: '2026-11-23T11:00:00Z', event: 'opened' },
          { at: '2026-11-23T11:05:00Z', event: 'parked', result: 'unsupported', reason: 'unsupported' },
        ];
        return { status: 200, body: { ...reviewed(upload), history } };
      }
      default:
        return this.review(upload, call.slice('POST /operator/uploads/'.length));
    }
  }

  private open(declared: Declared, key: string | string[] | undefined) {
    const name = String(key);
    const uploadId = `c${createHash('sha256').update(name).digest('hex').slice(0, 31)}`;
    const fresh: FakeUpload = { uploadId, declared, state: 'created', parts: new Map() };
    const upload = this.uploads.get(name) ?? fresh;
    this.uploads.set(name, upload);
    const isWhole = declared.sha256 !== undefined;
    return {
      status: 201,
      body: {
        ...view(upload),
        ...(upload.state === 'created' && isWhole && this.sign(upload, 0)),
        ...(!isWhole && { partSize: PART_SIZE, partCount: Math.ceil(declared.size / PART_SIZE) }),
      },
    };
  }

  private sign({ uploadId, declared }: FakeUpload, part: number) {
    this.signed.set(part, (this.signed.get(part) ?? 0) + 1);
    const length = part === 0 ? declared.size : sizeOfPart(declared.size, part);
    return {
      method: 'PUT',
      url: `${this.server.url}/s3/${uploadId}?partNumber=${part}&${SECRET}`,
      headers: { 'content-length': String(length), ...(part === 0 && { 'if-none-match': '*' }) },
    };
  }

  private async put(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const part = Number(url.searchParams.get('partNumber'));
    const fault = this.onPut(part);
    if (fault === 'break') return void request.socket.destroy();
    const refuse = ({ status, code }: Exclude<PutFault, 'break'>) => {
      this.puts.push({ part, status });
      response.writeHead(status).end(`<Error><Code>${code}</Code><Message>No</Message></Error>`);
    };
    if (fault !== undefined) return refuse(fault);
    const upload = [...this.uploads.values()].find(({ uploadId }) => url.pathname.endsWith(uploadId));
    if (upload === undefined || upload.state === 'expired')
      return refuse({ status: 404, code: 'NoSuchUpload' });
    if (upload.object !== undefined) return refuse({ status: 412, code: 'PreconditionFailed' });
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    invitesBody(request, response);
    const bytes = await buffer(request).finally(() => {
      this.underWay -= 1;
    });
    const { size, sha256 } = upload.declared;
    if (bytes.length !== (part === 0 ? size : sizeOfPart(size, part)))
      return refuse({ status: 403, code: 'SignatureDoesNotMatch' });
    if (part === 0) {
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        return refuse({ status: 400, code: 'XAmzContentChecksumMismatch' });
      upload.object = bytes;
    } else upload.parts.set(part, bytes);
    this.puts.push({ part, status: 200 });
    response.end();
  }

  private async finalize(upload: FakeUpload): Promise<ApiFault | { status: number; body: object }> {
    const { size, crc64nvme } = upload.declared;
    if (upload.object === undefined && crc64nvme !== undefined) {
      const numbers = Array.from({ length: Math.ceil(size / PART_SIZE) }, (_, at) => at + 1);
      const parts = numbers.flatMap((number) => upload.parts.get(number) ?? []);
      if (parts.length < numbers.length) return { status: 409, code: 'upload_incomplete' };
      upload.object = Buffer.concat(parts);
      const crc = new Crc64Nvme();
      crc.update(upload.object);
      if (Buffer.from(await crc.digest()).toString('base64') !== crc64nvme)
        Object.assign(upload, { state: 'rejected', reason: 'checksum_mismatch' });
    }
    if (upload.object === undefined) return { status: 409, code: 'upload_incomplete' };
    if (upload.state === 'created') upload.state = 'finalized';
    return { status: 202, body: view(upload) };
  }

  /** Applies the verdict once the upload has been read often enough. */
  private judged(upload: FakeUpload): FakeUpload {
    if (upload.state !== 'finalized') return upload;
    this.verdict.reads -= 1;
    const { state, reason, reads } = this.verdict;
    return reads > 0 ? upload : Object.assign(upload, { state, ...(reason !== undefined && { reason }) });
  }

  private review(
    upload: FakeUpload,
    decision: string,
  ): ApiFault | { readonly status: number; readonly body: object } {
    if (decision === 'release' && upload.state !== 'parked') return { status: 409, code: 'not_parked' };
    if (decision === 'release') upload.state = 'published';
    if (decision === 'reject') Object.assign(upload, { state: 'rejected', reason: 'operator' });
    return { status: 200, body: reviewed(upload) };
  }
}

function view({ uploadId, declared, state, reason }: FakeUpload) {
  const { fileName, size, type } = declared;
  return {
    uploadId,
    objectId: `d${uploadId.slice(1)}`,
    state,
    fileName,
    size,
    type,
    createdAt: '2026-11-23T11:00:00Z',
    sessionExpiresAt: '2099-01-01T00:00:00Z',
    ...(reason !== undefined && { reason }),
  };
}

const reviewed = (upload: FakeUpload) => ({
  ...view(upload),
  tenant: 'iam:AROAEXAMPLE',
  changedAt: '2026-11-23T11:05:00Z',
});

const sizeOfPart = (size: number, part: number): number => Math.min(PART_SIZE, size - (part - 1) * PART_SIZE);
