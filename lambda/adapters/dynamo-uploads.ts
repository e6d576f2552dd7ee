import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type EpochSeconds, epochSeconds, secondsAfter, type UploadId } from '../domain/ids.ts';
import { DAY_SECONDS } from '../domain/lifetime.ts';
import type { Pile, PilePosition, Uploads } from '../domain/uploads/ports.ts';
import { hasEnded } from '../domain/uploads/states.ts';
import type { Upload } from '../domain/uploads/upload.ts';
import { RevisionTable } from './revision-table.ts';

/**
 * Stores uploads by the key `uploadId`. Each write replaces the whole row. The index `byPile` lists uploads by state
 * and due time. Ended uploads that are not closed yet share the pile `closing`.
 */
export class DynamoUploads implements Uploads {
  readonly #rows: RevisionTable<Row>;
  readonly #retentionDays: number;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    { table, retentionDays }: { readonly table: string; readonly retentionDays: number },
  ) {
    this.#rows = new RevisionTable(client, { port: 'uploads', table, key: 'uploadId' });
    this.#retentionDays = retentionDays;
  }

  async open(upload: Upload): Promise<Upload> {
    const standing = await this.#rows.open(rowOf(upload, this.#retentionDays));
    return standing === undefined ? upload : uploadOf(standing);
  }

  async find(uploadId: UploadId): Promise<Upload | undefined> {
    const row = await this.#rows.read(uploadId);
    return row && uploadOf(row);
  }

  async change(from: Upload, to: Upload): Promise<'changed' | 'stale'> {
    return await this.#rows.replace(rowOf(to, this.#retentionDays), {
      ConditionExpression: 'revision = :revision AND #state = :state',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':revision': from.revision, ':state': from.state },
    });
  }

  async pile(
    pile: Pile,
    { limit, after, dueUntil }: { limit: number; after?: PilePosition; dueUntil?: number },
  ): Promise<{ readonly uploads: readonly Upload[]; readonly next?: PilePosition }> {
    const isDue = dueUntil !== undefined;
    const { rows, last } = await this.#rows.query({
      IndexName: 'byPile',
      KeyConditionExpression: isDue ? 'pile = :pile AND dueAt <= :until' : 'pile = :pile',
      ExpressionAttributeValues: { ':pile': pile, ...(isDue && { ':until': dueUntil }) },
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: { pile, ...keyAt(after) } }),
    });
    const uploads = rows.map(uploadOf);
    return { uploads, ...(last && { next: `${Number(last.dueAt)}.${last.uploadId}` as const }) };
  }
}

type Row = Omit<Upload, 'changedAt'> & {
  readonly changedAt: string;
  readonly pile: Pile;
  /** Time at which TTL removes the row. Absent while the pinned object is stored, because nothing else leads to it. */
  readonly removeAt?: EpochSeconds;
};

function rowOf({ changedAt, ...upload }: Upload, retentionDays: number): Row {
  const isOver = hasEnded(upload);
  const over = isOver ? epochSeconds(changedAt) : upload.sessionExpiresAt;
  const isKept = upload.state === 'published' || (!isOver && upload.version !== undefined);
  return {
    ...upload,
    changedAt: changedAt.toISOString(),
    pile: pileOf(upload),
    ...(!isKept && { removeAt: secondsAfter(over, retentionDays * DAY_SECONDS) }),
  };
}

function pileOf(upload: Pick<Upload, 'state' | 'closed'>): Pile {
  return hasEnded(upload) && !upload.closed ? 'closing' : upload.state;
}

function uploadOf({ pile: _pile, removeAt: _removeAt, changedAt, ...upload }: Row): Upload {
  return { ...upload, changedAt: new Date(changedAt) };
}

function keyAt(position: PilePosition): { readonly dueAt: number; readonly uploadId: string } {
  const [dueAt, uploadId = ''] = position.split('.');
  return { dueAt: Number(dueAt), uploadId };
}
