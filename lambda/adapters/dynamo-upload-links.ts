import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type EpochSeconds, epochSeconds, type LinkId, type Tenant } from '../domain/ids.ts';
import { removalTime } from '../domain/retention.ts';
import type { LinkPosition, UploadLinks } from '../domain/upload-links/ports.ts';
import type { UploadLink } from '../domain/upload-links/upload-link.ts';
import { type Key, RevisionTable } from './revision-table.ts';

/** The only partition of `byEnd`: the links whose inviter has yet to be notified. */
const UNTOLD = 'untold';

/**
 * Stores upload links by the key `linkId`. Each write replaces the whole row. The index `byTenant` lists a tenant's
 * links. The index `byEnd` lists unrevoked links that hold files, ordered by end time, until their inviter has been
 * notified.
 */
export class DynamoUploadLinks implements UploadLinks {
  readonly #rows: RevisionTable<Row>;
  readonly #retentionDays: number;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    { table, retentionDays }: { readonly table: string; readonly retentionDays: number },
  ) {
    this.#rows = new RevisionTable(client, { port: 'upload links', table, key: 'linkId' });
    this.#retentionDays = retentionDays;
  }

  async open(link: UploadLink): Promise<UploadLink> {
    const standing = await this.#rows.open(rowOf(link, this.#retentionDays));
    return standing === undefined ? link : linkOf(standing);
  }

  async find(linkId: LinkId): Promise<UploadLink | undefined> {
    const row = await this.#rows.read(linkId);
    return row && linkOf(row);
  }

  async change(from: UploadLink, to: UploadLink): Promise<'changed' | 'stale'> {
    return await this.#rows.replace(rowOf(to, this.#retentionDays), {
      ConditionExpression: 'revision = :revision',
      ExpressionAttributeValues: { ':revision': from.revision },
    });
  }

  async ofTenant(
    tenant: Tenant,
    { limit, after }: { readonly limit: number; readonly after?: LinkPosition },
  ): Promise<{ readonly links: readonly UploadLink[]; readonly next?: LinkPosition }> {
    const { rows, last } = await this.#rows.query({
      IndexName: 'byTenant',
      KeyConditionExpression: 'tenant = :tenant',
      ExpressionAttributeValues: { ':tenant': tenant },
      ScanIndexForward: false,
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: { tenant, ...keyAt(after) } }),
    });
    const links = rows.map(linkOf);
    return { links, ...(last && { next: `${Number(last.issuedAt)}.${last.linkId}` as const }) };
  }

  async *untold(now: number): AsyncIterable<UploadLink> {
    let after: Key | undefined;
    do {
      const page = await this.#rows.query({
        IndexName: 'byEnd',
        KeyConditionExpression: 'outcome = :untold AND endsAt <= :now',
        ExpressionAttributeValues: { ':untold': UNTOLD, ':now': now },
        ExclusiveStartKey: after,
      });
      yield* page.rows.map(linkOf);
      after = page.last;
    } while (after !== undefined);
  }
}

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
