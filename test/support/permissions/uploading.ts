import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectVersionsCommand, PutObjectTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoUploadLinks } from '../../../lambda/adapters/dynamo-upload-links.ts';
import { DynamoUploads } from '../../../lambda/adapters/dynamo-uploads.ts';
import { epochSeconds, newLinkId, secondsAfter, type Tenant } from '../../../lambda/domain/ids.ts';
import { keyEpochOf } from '../../../lambda/domain/key-epoch.ts';
import type { UploadLink } from '../../../lambda/domain/upload-links/upload-link.ts';
import type { ScanTag } from '../../../lambda/domain/uploads/ports.ts';
import type { Upload } from '../../../lambda/domain/uploads/upload.ts';
import type { AccessKey } from '../../../laptop/src/access-keys.ts';
import { eventually } from '../../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../../laptop/test/support/signed-fetch.ts';
import { postJson } from '../laptop.ts';
import { pdfWith } from '../pdfs.ts';
import { uploadAt } from '../uploads.ts';
import { email } from '../values.ts';
import { expectStatus, type Machine } from './machine.ts';

/** A session in the response to `POST /uploads`. */
export interface Session {
  readonly uploadId: string;
  readonly objectId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const SCAN_RESULT = golden('eventbridge-scan-result');

function golden(name: string): string {
  return readFileSync(new URL(`../../golden/${name}.json`, import.meta.url), 'utf8');
}

const NOTES = { fileName: 'notes.txt', type: 'text/plain' };

/** A small PDF without binary data, and its declaration. */
export const PAPER = {
  text: pdfWith(Buffer.from('<<>>')).toString(),
  named: { fileName: 'paper.pdf', type: 'application/pdf' },
};

/** A file that is sent in parts, and its declaration. */
export const HELLO = 'hello';
export const IN_PARTS = { ...NOTES, size: HELLO.length, crc64nvme: 'M3eFcAZSQlc=' };

/** Brings uploads and upload links into any state, on a machine whose scanner sends no messages. */
export class Uploading {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Calls the API as the operator. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Response> {
    return signedFetch(this.#machine.endpoints, method, path, body);
  }

  /** Frees all slots, and opens a session for a text file. */
  async open(
    text = randomText(),
    headers: Readonly<Record<string, string>> = {},
    named = NOTES,
  ): Promise<Session> {
    await this.#machine.forgetCounts();
    const sha256 = createHash('sha256').update(text).digest('hex');
    const declared = { ...named, size: text.length, sha256 };
    const response = signedFetch(this.#machine.endpoints, 'POST', '/uploads', declared, headers);
    return (await (await expectStatus(response, 201)).json()) as Session;
  }

  async openInParts(): Promise<Session> {
    await this.#machine.forgetCounts();
    return (await (await expectStatus(this.ask('POST', '/uploads', IN_PARTS), 201)).json()) as Session;
  }

  /** Sends bytes with a signed request. */
  async put({ url, headers }: Pick<Session, 'url' | 'headers'>, body: string): Promise<void> {
    const { 'content-length': _length, ...others } = headers;
    await expectStatus(fetch(url, { method: 'PUT', headers: others, body }), 200);
  }

  /** Opens a session and sends the file. */
  async sent(text = randomText(), named = NOTES): Promise<Session> {
    const session = await this.open(text, {}, named);
    await this.put(session, text);
    return session;
  }

  /** Sends a file, and returns once the arrival of its object is recorded. */
  async noted(): Promise<Session> {
    const session = await this.sent();
    await eventually(
      async () => (await (await this.ask('GET', `/uploads/${session.uploadId}`)).json()) as { state: string },
      ({ state }) => state === 'uploaded',
    );
    return session;
  }

  /** Sends a file and finalizes the upload. */
  async finalized({ text = randomText(), named = NOTES } = {}): Promise<Session> {
    const session = await this.sent(text, named);
    await expectStatus(this.ask('POST', `/uploads/${session.uploadId}/finalize`), 202);
    return session;
  }

  /** Sends a file, and publishes it. */
  async published(file: Partial<typeof PAPER> = {}): Promise<Session> {
    const session = await this.finalized(file);
    await this.tag(session, 'NO_THREATS_FOUND');
    await this.judge(session, 'NO_THREATS_FOUND');
    return session;
  }

  /** Sends a file and finalizes the upload, which is parked because the scanner cannot judge the file. */
  async parked(): Promise<Session> {
    const session = await this.finalized();
    await this.judge(session, 'UNSUPPORTED');
    return session;
  }

  /** With the credentials of the scanner's role, tags the object. Does not send the scanner's message. */
  async tag(session: Session, Value: ScanTag): Promise<void> {
    const { s3: endpoint, region, bucket: Bucket } = this.#machine.endpoints;
    const keys = JSON.parse(readFileSync(join(this.#machine.dataDir, 'access-keys.json'), 'utf8')) as object;
    const scanner = Object.entries(keys).find(([name]) => /^role\/.*Plan/i.test(name));
    const credentials = scanner?.[1] as AccessKey;
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    const TagSet = [{ Key: 'GuardDutyMalwareScanStatus', Value }];
    const version = { Bucket, Key: `uploads/${session.uploadId}`, VersionId: await this.versionOf(session) };
    await s3.send(new PutObjectTaggingCommand({ ...version, Tagging: { TagSet } }));
    s3.destroy();
  }

  /** Passes the scanner's message about the object to the function behind the queue. */
  async judge(session: Session, result: ScanTag): Promise<void> {
    await this.#machine.handle(
      'verdicts',
      this.verdict(session.uploadId, await this.versionOf(session), result),
    );
  }

  /** Returns the scanner's message about a version. */
  verdict(uploadId: string, versionId: string, result: ScanTag): string {
    return SCAN_RESULT.replaceAll('BUCKET', this.#machine.endpoints.bucket)
      .replaceAll('UPLOAD_ID', uploadId)
      .replaceAll('VERSION_ID', versionId)
      .replace('NO_THREATS_FOUND', result);
  }

  async versionOf({ uploadId }: Session): Promise<string> {
    const { clients, endpoints } = this.#machine;
    const list = new ListObjectVersionsCommand({ Bucket: endpoints.bucket, Prefix: `uploads/${uploadId}` });
    const { Versions: [version] = [] } = await clients.s3.send(list);
    return version?.VersionId ?? '';
  }

  /** Makes an upload due. If `over` is set, also ends its session. */
  async makeDue({ uploadId }: Session, over: { readonly over?: true } = {}): Promise<void> {
    await this.#machine.tables.send(
      new UpdateCommand({
        TableName: this.#table('UploadTable'),
        Key: { uploadId },
        UpdateExpression: `SET dueAt = :past${over.over ? ', sessionExpiresAt = :past' : ''}`,
        ExpressionAttributeValues: { ':past': 1 },
      }),
    );
  }

  /** Runs a scheduled function, such as the sweep. @throws Error if it could not handle something */
  async run(functionName: string): Promise<Readonly<Record<string, number>>> {
    const outcome = await this.#machine.local.invoke(functionName, { id: 'scheduled' });
    if (outcome.kind !== 'answered') throw new Error(`${functionName} failed: ${JSON.stringify(outcome)}`);
    const counts = JSON.parse(outcome.payload) as { readonly failed: number };
    if (counts.failed > 0) throw new Error(`Items that ${functionName} could not handle: ${counts.failed}`);
    return counts;
  }

  /** Stores the row of an upload directly, so that no slot is taken and no file is sent. */
  async stored(details: Partial<Upload> = {}): Promise<Upload> {
    const uploads = new DynamoUploads(this.#machine.tables, {
      table: this.#table('UploadTable'),
      retentionDays: 1,
    });
    return await uploads.open({ ...uploadAt(new Date()), ...details });
  }

  /** Stores the row of an upload link with some files directly, so that no invitation is mailed. */
  async storedLink(files: readonly Upload[], details: Partial<UploadLink> = {}): Promise<UploadLink> {
    const now = new Date();
    const issuedAt = epochSeconds(now);
    const links = new DynamoUploadLinks(this.#machine.tables, {
      table: this.#table('UploadLinkTable'),
      retentionDays: 1,
    });
    return await links.open({
      linkId: newLinkId(),
      tenant: 'iam:AROAEXAMPLE' as Tenant,
      inviter: 'arn:aws:iam::111122223333:role/reports',
      purpose: 'signed contract',
      to: email(`${this.#machine.fresh('person')}@example.org`),
      notify: email('ines@example.org'),
      mostFiles: 2,
      mostBytes: 1_000_000,
      types: [NOTES.type],
      language: 'en',
      issuedAt,
      keyEpoch: keyEpochOf(issuedAt),
      expiresAt: secondsAfter(issuedAt, 3_600),
      state: 'open',
      files: files.map(({ uploadId }) => ({ uploadId, fingerprint: uploadId })),
      told: false,
      revision: 0,
      step: { event: 'invited' },
      changedAt: now,
      ...details,
    });
  }

  /** Issues an upload link, and returns its ID and token. */
  async invited(details: object = {}): Promise<{ readonly linkId: string; readonly token: string }> {
    const asked = this.ask('POST', '/upload-links', { for: 'signed contract', reveal: true, ...details });
    const { linkId, url } = (await (await expectStatus(asked, 201)).json()) as {
      linkId: string;
      url: string;
    };
    return { linkId, token: new URL(url).searchParams.get('token') ?? '' };
  }

  /** Posts JSON to a route of the upload page. */
  page(path: string, body: object): Promise<Response> {
    return postJson(`${this.#machine.endpoints.api}/upload/${path}`, body);
  }

  /** Opens an upload through a link. */
  async openedFile(token: string): Promise<string> {
    await this.#machine.forgetCounts();
    const response = await expectStatus(this.page('open', { token, ...IN_PARTS }), 201);
    return ((await response.json()) as { uploadId: string }).uploadId;
  }

  #table(logicalId: string): string {
    return this.#machine.endpoints.tokenTable.replace('TokenTable', logicalId);
  }
}

const randomText = (): string => randomBytes(10).toString('hex');
