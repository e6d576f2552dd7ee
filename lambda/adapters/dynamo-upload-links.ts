import {
  type DynamoDBDocumentClient,
  GetCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../domain/errors.ts';
import { type EpochSeconds, epochSeconds, type LinkId, type Tenant } from '../domain/ids.ts';
import { removalTime } from '../domain/retention.ts';
import type { LinkPosition, UploadLinks } from '../domain/upload-links/ports.ts';
import type { UploadLink } from '../domain/upload-links/upload-link.ts';
import { putRevision } from './put-revision.ts';
import { callService } from './service-fault.ts';

const PORT = 'upload links';

/** Partition key of `byEnd`. Only links whose inviter has yet to be notified have it. */
const UNTOLD = 'untold';

/**
 * Stores upload links by the key `linkId`. Each write replaces the whole row. The index `byTenant` lists a tenant's links. The
 * index `byEnd` lists links with files whose inviter has not been notified, by the time at which they end.
 */
export class DynamoUploadLinks implements UploadLinks {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: string;
  readonly #retentionDays: number;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    options: { readonly table: string; readonly retentionDays: number },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#retentionDays = options.retentionDays;
  }

  async open(link: UploadLink): Promise<UploadLink> {
    const put = await this.#put(link, { ConditionExpression: 'attribute_not_exists(linkId)' });
    if (put === 'changed') return link;
    const standing = await this.find(link.linkId);
    if (standing === undefined) throw new Unavailable(PORT, 'the conflicting link is gone');
    return standing;
  }

  async find(linkId: LinkId): Promise<UploadLink | undefined> {
    const row = await this.#read(linkId);
    return row && linkOf(row);
  }

  async change(from: UploadLink, to: UploadLink): Promise<'changed' | 'stale'> {
    return await this.#put(to, {
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeValues: { ':revision': from.revision },
    });
  }

  async ofTenant(
    tenant: Tenant,
    { limit, after }: { readonly limit: number; readonly after?: LinkPosition },
  ): Promise<{ readonly links: readonly UploadLink[]; readonly next?: LinkPosition }> {
    const { links, last } = await this.#query({
      IndexName: 'byTenant',
      KeyConditionExpression: 'tenant = :tenant',
      ExpressionAttributeValues: { ':tenant': tenant },
      ScanIndexForward: false,
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: { tenant, ...keyAt(after) } }),
    });
    return { links, ...(last && { next: `${Number(last.issuedAt)}.${last.linkId}` as const }) };
  }

  async *untold(now: number): AsyncIterable<UploadLink> {
    let after: Key | undefined;
    do {
      const page = await this.#query({
        IndexName: 'byEnd',
        KeyConditionExpression: 'outcome = :untold AND endsAt <= :now',
        ExpressionAttributeValues: { ':untold': UNTOLD, ':now': now },
        ExclusiveStartKey: after,
      });
      yield* page.links;
      after = page.last;
    } while (after !== undefined);
  }

  async #query(
    input: Omit<QueryCommandInput, 'TableName'>,
  ): Promise<{ readonly links: readonly UploadLink[]; readonly last: Key | undefined }> {
    const query = new QueryCommand({ TableName: this.#table, ...input });
    const { Items = [], LastEvaluatedKey: last } = await callService(PORT, () => this.#client.send(query));
    return { links: (Items as Row[]).map(linkOf), last };
  }

  async #put(link: UploadLink, condition: Partial<PutCommandInput>): Promise<'changed' | 'stale'> {
    const put = { port: PORT, TableName: this.#table, Item: rowOf(link, this.#retentionDays), ...condition };
    return await putRevision(this.#client, put, () => this.#read(link.linkId));
  }

  async #read(linkId: LinkId): Promise<Row | undefined> {
    const { Item } = await callService(PORT, () =>
      this.#client.send(new GetCommand({ TableName: this.#table, Key: { linkId }, ConsistentRead: true })),
    );
    return Item as Row | undefined;
  }
}

type Key = Readonly<Record<string, unknown>>;

type Row = Omit<UploadLink, 'changedAt'> & {
  readonly changedAt: string;
  readonly outcome?: typeof UNTOLD;
  readonly endsAt: EpochSeconds;
  /** Time at which TTL removes the row. */
  readonly removeAt: EpochSeconds;
};

function rowOf({ changedAt, ...link }: UploadLink, retentionDays: number): Row {
  const { state, files, told, expiresAt, endedAt = expiresAt } = link;
  return {
    ...link,
    changedAt: changedAt.toISOString(),
    ...(files.length > 0 && !told && state !== 'revoked' && { outcome: UNTOLD }),
    endsAt: endedAt,
    removeAt: removalTime(expiresAt, epochSeconds(changedAt), retentionDays),
  };
}

function linkOf({
  outcome: _outcome,
  endsAt: _endsAt,
  removeAt: _removeAt,
  changedAt,
  ...link
}: Row): UploadLink {
  return { ...link, changedAt: new Date(changedAt) };
}

function keyAt(position: LinkPosition): { readonly issuedAt: number; readonly linkId: string } {
  const [issuedAt, linkId = ''] = position.split('.');
  return { issuedAt: Number(issuedAt), linkId };
}
