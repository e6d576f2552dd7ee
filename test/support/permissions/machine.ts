import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { type Endpoints, vendingStack } from '../../../bin/local/stack.ts';
import type { Local } from '../../../bin/local/start.ts';
import { DynamoLedger } from '../../../lambda/adapters/dynamo-ledger.ts';
import { fileNameOf, keyOf } from '../../../lambda/domain/asset-name.ts';
import { epochSeconds, newTokenId, type Pseudonym, secondsAfter } from '../../../lambda/domain/ids.ts';
import { issuedEntry, mintToken } from '../../../lambda/domain/mint-token.ts';
import { type Clients, createClients } from '../../../laptop/src/clients.ts';
import type { ChooseVerdict } from '../../../laptop/src/guardduty/malware-protection.ts';
import { OPERATOR } from '../../../laptop/src/iam/identity.ts';
import { startLaptop } from '../../../laptop/src/start.ts';
import { deleteUser } from '../../../laptop/test/support/delete-user.ts';
import { signedFetch } from '../../../laptop/test/support/signed-fetch.ts';
import { issueLink, type NewLink } from '../issue-links.ts';
import { postJson, postToken } from '../laptop.ts';
import { mailTo, tokenIn } from '../mail.ts';
import { assetName, email } from '../values.ts';
import { Police } from './police.ts';

const unchanged = (stack: ReturnType<typeof vendingStack>) => stack;

/** Local mode in this process, with IAM and the clock under the test's control. */
export class Machine {
  readonly police = new Police();
  /** The denials that local mode reported, one line each. */
  readonly said: string[] = [];
  /** Seconds by which the services' clock is ahead. */
  aheadSeconds = 0;
  readonly #options: Readonly<Record<string, string>>;
  readonly #scanner: ChooseVerdict | undefined;
  readonly #adapt: typeof unchanged;
  readonly #parent = mkdtempSync(join(tmpdir(), 'tvm-permissions-'));
  #local: Local | undefined;
  #clients: Clients | undefined;
  /** The presence codes of form links, by token. */
  readonly #codes = new Map<string, string>();
  #names = 0;

  /**
   * @param options deploy options. By default, no test reaches the rate limits of a source, and events are off.
   * @param scanner chooses the malware verdicts. By default, local mode scans the objects.
   * @param adapt changes the stack before it starts
   */
  constructor(
    options: Readonly<Record<string, string>> = {},
    scanner?: ChooseVerdict,
    adapt: typeof unchanged = unchanged,
  ) {
    this.#options = options;
    this.#scanner = scanner;
    this.#adapt = adapt;
  }

  async start(): Promise<void> {
    const limits = { sourceLimitPerHour: '1000000', sourceMailLimitPerDay: '1000000' };
    const options = { ...limits, events: 'false', ...this.#options };
    this.#local = await startLaptop(this.#adapt(vendingStack(options)), {
      dataDir: this.dataDir,
      port: 0,
      iam: this.police.iam,
      ...(this.#scanner && { scanner: this.#scanner }),
      denied: (line) => this.said.push(line),
      clock: () => new Date(Date.now() + this.aheadSeconds * 1000),
    });
    this.#clients = createClients(this.endpoints, this.endpoints, this.endpoints.region);
  }

  /** Deletes the operator and recreates it under the same name, which needs a restart. All data is kept. */
  async recreateOperator(): Promise<void> {
    await this.#stop();
    deleteUser(join(this.dataDir, 'access-keys.json'), OPERATOR);
    await this.start();
  }

  get dataDir(): string {
    return join(this.#parent, 'data');
  }

  get local(): Local {
    if (this.#local === undefined) throw new Error('not started');
    return this.#local;
  }

  get endpoints(): Endpoints {
    return this.local.endpoints;
  }

  get clients(): Clients {
    if (this.#clients === undefined) throw new Error('not started');
    return this.#clients;
  }

  /** Returns a name that is not in use. */
  fresh(what: string): string {
    this.#names += 1;
    return `${what}${this.#names}`;
  }

  async offer(name: string, Body: string | Uint8Array = 'the bytes'): Promise<void> {
    const { bucket: Bucket } = this.endpoints;
    const Key = keyOf(assetName(name));
    await this.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  async withdraw(name: string): Promise<void> {
    const { bucket: Bucket } = this.endpoints;
    await this.clients.s3.send(new DeleteObjectCommand({ Bucket, Key: keyOf(assetName(name)) }));
  }

  /** Requests a file through the form, for a fresh address. */
  ask(asset: string, address = `${this.fresh('person')}@example.org`): Promise<Response> {
    return postJson(`${this.endpoints.api}/token`, { email: address, asset });
  }

  async mailedToken(asset: string): Promise<string> {
    const address = `${this.fresh('person')}@example.org`;
    const { presenceCode } = (await (await expectStatus(this.ask(asset, address), 202)).json()) as {
      presenceCode?: string;
    };
    const token = await this.tokenMailedTo(address);
    if (presenceCode !== undefined) this.#codes.set(token, presenceCode);
    return token;
  }

  async tokenMailedTo(address: string): Promise<string> {
    return tokenIn(await mailTo(this.endpoints.inbox, address));
  }

  /** Issues a link with a fresh idempotency key. */
  issue(asset: string, details: object = {}): Promise<Response> {
    const named = { 'idempotency-key': this.fresh('request') };
    return signedFetch(this.endpoints, 'POST', '/links', { asset, ...details }, named);
  }

  /** Issues a link, and returns it as the response shows it. */
  async issued(asset: string, details: object = {}): Promise<NewLink> {
    const response = await expectStatus(this.issue(asset, details), 201);
    const { links } = (await response.json()) as { links: NewLink[] };
    const [link] = links;
    if (link === undefined) throw new Error('no link was issued');
    return link;
  }

  async collection(assets: readonly string[], details: object = {}): Promise<NewLink> {
    return await issueLink(this.endpoints, { assets, ...details });
  }

  get(path: string): Promise<Response> {
    return signedFetch(this.endpoints, 'GET', path);
  }

  revoke(tokenId: string): Promise<Response> {
    return signedFetch(this.endpoints, 'DELETE', `/links/${tokenId}`);
  }

  post(
    path:
      | '/redeem'
      | '/redeem/stream'
      | '/redeem/watermark'
      | '/redeem/zip'
      | '/redeem/renew'
      | '/redeem/report',
    token: string,
    code = path.startsWith('/redeem/re') ? undefined : this.#codes.get(token),
  ): Promise<Response> {
    return postToken(`${this.endpoints.api}${path}`, token, 'application/json', code);
  }

  /** Stores the record and history of a form link whose e-mail was neither queued nor sent. */
  async mailable(asset: string): Promise<string> {
    const { tokenTable, ledgerTable } = this.endpoints;
    const now = new Date(Date.now() + this.aheadSeconds * 1000);
    const issuedAt = epochSeconds(now);
    const name = assetName(asset);
    const record = mintToken({
      tokenId: newTokenId('form'),
      asset: {
        name,
        key: keyOf(name),
        versionId: 'null',
        fileName: fileNameOf(name),
        type: 'text/plain',
        size: 9,
      },
      issuedBy: 'public',
      issuedAt,
      expiresAt: secondsAfter(issuedAt, 900),
      open: 'confirm',
      delivery: 'redirect',
      recipient: {
        address: email(`${this.fresh('person')}@example.org`),
        pseudonym: 'a'.repeat(32) as Pseudonym,
      },
    });
    await this.tables.send(new PutCommand({ TableName: tokenTable, Item: record }));
    await new DynamoLedger(this.tables, { table: ledgerTable, retentionDays: 1 }).append(
      issuedEntry(record, now),
    );
    return record.tokenId;
  }

  /** Sends a message to the queue with this logical ID. */
  async enqueue(logicalId: string, MessageBody: string): Promise<void> {
    const QueueUrl = this.endpoints.mailQueueUrl.replace(/MailQueue$/, logicalId);
    await this.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }

  /** Passes a message to a function as its queue would. */
  async handle(functionName: string, body: string): Promise<void> {
    await this.deliver(functionName, { messageId: 'one', body });
  }

  /** Passes a record to a function as its queue or stream would. */
  async deliver(functionName: string, record: object): Promise<void> {
    const outcome = await this.local.invoke(functionName, { Records: [record] });
    const done = outcome.kind === 'answered' && outcome.payload === '{"batchItemFailures":[]}';
    if (!done) throw new Error(`The record failed: ${JSON.stringify(outcome)}`);
  }

  /** Resolves once a message for a function has left the queue and the next poll starts. */
  polled(functionName: string): Promise<unknown> {
    return this.police
      .nextCall(functionName, 'sqs:DeleteMessage')
      .then(() => this.police.nextCall(functionName, 'sqs:ReceiveMessage'));
  }

  /** Stores a redeemed link whose notice is due but was not queued. */
  async untold(asset: string): Promise<string> {
    const { tokenId } = await this.issued(asset, { notify: 'issuer@example.org' });
    const receipt = { kind: 'redeemed', at: 1, redemptionId: 'r', asset, issuedBy: 'public' };
    const Item = { tokenId, ...receipt, removeAt: 4_000_000_000, sourceAddress: '', userAgent: '' };
    await this.tables.send(new PutCommand({ TableName: this.endpoints.receiptTable, Item }));
    return tokenId;
  }

  /** Deletes all counters: rate limits, slots, and second chances. */
  async forgetCounts(): Promise<void> {
    const TableName = this.endpoints.quotaTable;
    const { Items = [] } = await this.tables.send(new ScanCommand({ TableName }));
    await Promise.all(
      Items.map(({ counter }) => this.tables.send(new DeleteCommand({ TableName, Key: { counter } }))),
    );
  }

  async counters(prefix: string): Promise<readonly string[]> {
    const { Items = [] } = await this.tables.send(new ScanCommand({ TableName: this.endpoints.quotaTable }));
    return Items.map(({ counter }) => String(counter)).filter((name) => name.startsWith(prefix));
  }

  /** Fills a counter beyond any limit. */
  async fill(counter: string): Promise<void> {
    // A window ends within a day. The window of a slot ends sooner.
    const seconds = counter.startsWith('streams/') ? 800 : 80_000;
    const expiresAt = Math.floor(Date.now() / 1000) + this.aheadSeconds + seconds;
    const Item = { counter, hits: Number.MAX_SAFE_INTEGER, expiresAt };
    await this.tables.send(new PutCommand({ TableName: this.endpoints.quotaTable, Item }));
  }

  async close(): Promise<void> {
    await this.#stop();
    rmSync(this.#parent, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    this.#clients?.destroy();
    await this.#local?.close();
  }

  get tables(): DynamoDBDocumentClient {
    return DynamoDBDocumentClient.from(this.clients.dynamodb);
  }
}

/** @throws Error if the response has a different status */
export async function expectStatus(sent: Promise<Response>, status: number): Promise<Response> {
  const response = await sent;
  if (response.status !== status) throw new Error(`Expected status ${status}, got ${response.status}`);
  return response;
}
