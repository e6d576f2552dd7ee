import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sha256 } from '@aws-sdk/checksums/sha';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { type AccessRequest, ALLOWED } from '../../src/access.ts';
import type { CreatedObject } from '../../src/s3/operations/call.ts';
import { type RunningS3, type S3Options, startS3 } from '../../src/s3/s3.ts';
import { denialOf } from './denial.ts';

export const S3_CREDENTIALS = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'secret' };
const S3_REGION = 'eu-west-1';
export const KMS_KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/data';
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface PlainResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request that is sent without the SDK, so that a test controls every byte. */
export interface PlainRequest {
  readonly method: string;
  /** The path and query, not decoded. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** A local S3 with two buckets: `files`, which has versioning and a KMS key, and `plain`. */
export class LocalS3 {
  #parent: string | undefined;
  /** The objects that have been created. */
  readonly created: CreatedObject[] = [];
  /** Seconds by which S3's clock is ahead of the client's clock. */
  aheadSeconds = 0;
  #running: RunningS3 | undefined;
  #client: S3Client | undefined;

  /** The data folder, which survives a restart. */
  get dataDir(): string {
    this.#parent ??= mkdtempSync(join(tmpdir(), 'local-s3-'));
    return join(this.#parent, 'data');
  }

  async start(overrides: Partial<S3Options> = {}): Promise<void> {
    this.#running = await startS3({
      port: 0,
      dataDir: this.dataDir,
      region: S3_REGION,
      clock: () => new Date(Date.now() + this.aheadSeconds * 1000),
      credentials: (id) => (id === S3_CREDENTIALS.accessKeyId ? S3_CREDENTIALS : undefined),
      onObjectCreated: (object) => this.created.push(object),
      ...overrides,
    });
    this.#running.createBucket('files', { versioned: true, defaultKmsKeyArn: KMS_KEY_ARN });
    this.#running.createBucket('plain', { versioned: false });
    this.#client = this.clientWith(S3_CREDENTIALS);
  }

  /**
   * Restarts with an authorizer that denies the given calls.
   *
   * @returns a list to which each authorization request is added
   */
  async restartDenying(denies: (access: AccessRequest) => boolean = () => false): Promise<AccessRequest[]> {
    const authorizations: AccessRequest[] = [];
    await this.stop();
    await this.start({
      authorize: (access) => {
        authorizations.push(access);
        return denies(access) ? denialOf(access) : ALLOWED;
      },
    });
    return authorizations;
  }

  get service(): RunningS3 {
    if (this.#running === undefined) throw new Error('not started');
    return this.#running;
  }

  get client(): S3Client {
    if (this.#client === undefined) throw new Error('not started');
    return this.#client;
  }

  clientWith(credentials: typeof S3_CREDENTIALS): S3Client {
    return new S3Client({
      endpoint: this.service.url,
      region: S3_REGION,
      credentials,
      forcePathStyle: true,
      maxAttempts: 1,
    });
  }

  /** Stops S3 and waits until all requests have ended. */
  async stop(): Promise<void> {
    this.#client?.destroy();
    await this.#running?.close();
  }

  /** Stops S3 and deletes its data. */
  async remove(): Promise<void> {
    await this.stop();
    if (this.#parent !== undefined) rmSync(this.#parent, { recursive: true });
    this.#parent = undefined;
    this.created.length = 0;
    this.aheadSeconds = 0;
  }

  /** Sends a request unchanged, except that a missing `content-length` is added. */
  send({ method, target, headers = {}, body }: PlainRequest): Promise<PlainResponse> {
    const { hostname, port } = new URL(this.service.url);
    const unframed = body === undefined || 'transfer-encoding' in headers;
    const framing = unframed ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const all = { ...framing, ...headers };
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { hostname, port, method, path: target, headers: all, agent: false },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.once('error', reject);
          response.once('end', () => {
            const text = Buffer.concat(parts).toString('utf8');
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          });
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }

  /** Signs the headers of a request. By default, `x-amz-content-sha256` is the hash of an empty body. */
  async signed({ method, target, headers = {}, body }: PlainRequest): Promise<PlainRequest> {
    const { host } = new URL(this.service.url);
    const { pathname, searchParams } = new URL(target, this.service.url);
    const query = Object.fromEntries(searchParams);
    const toSign = {
      method,
      protocol: 'http:',
      hostname: host,
      path: pathname,
      query,
      headers: { host, 'x-amz-content-sha256': EMPTY_SHA256, ...headers },
    };
    const signed = await s3Signer().sign(toSign);
    return { method, target, headers: signed.headers, ...(body === undefined ? {} : { body }) };
  }

  async sendSigned(request: PlainRequest): Promise<PlainResponse> {
    return this.send(await this.signed(request));
  }

  /** Puts an object with the SDK, by default into `files` with the content `content`. */
  put(input: Partial<PutObjectCommandInput> & { Key: string }): Promise<PutObjectCommandOutput> {
    return this.client.send(new PutObjectCommand({ Bucket: 'files', Body: 'content', ...input }));
  }

  /** Reads an object as text with the SDK, by default from `files`. */
  async read(Key: string, input: Partial<GetObjectCommandInput> = {}): Promise<string> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: 'files', Key, ...input }));
    return (await Body?.transformToString()) ?? '';
  }

  /** Reads the bytes of an object with the SDK, by default from `files`. */
  async readBytes(Key: string, input: Partial<GetObjectCommandInput> = {}): Promise<Buffer> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: 'files', Key, ...input }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** Returns the names of the unfinished files on disk, and of the objects and multipart uploads in `files`. */
  traces(): readonly string[] {
    const bucket = join(this.dataDir, 'buckets', 'files');
    const folders = [join(this.dataDir, 'unfinished'), join(bucket, 'objects'), join(bucket, 'uploads')];
    return folders.flatMap((folder) => readdirSync(folder));
  }
}

/** Starts a separate local S3 for each test in a test file. */
export function localS3(): LocalS3 {
  const s3 = new LocalS3();
  beforeEach(() => s3.start());
  afterEach(() => s3.remove());
  return s3;
}

export const s3Signer = (): SignatureV4 =>
  new SignatureV4({
    credentials: S3_CREDENTIALS,
    region: S3_REGION,
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
  });

/** Returns the status of a response, and the code in its error document if it has one. */
export const verdict = (response: PlainResponse): readonly [number, string | undefined] => [
  response.status,
  errorCode(response),
];

/** Returns the code in an S3 error document. */
export const errorCode = ({ text }: Pick<PlainResponse, 'text'>): string | undefined =>
  /<Code>(\w+)<\/Code>/.exec(text)?.[1];
