import {
  type DynamoDBDocumentClient,
  GetCommand,
  type PutCommandInput,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../domain/errors.ts';
import { type EpochSeconds, epochSeconds, secondsAfter, type UploadId } from '../domain/ids.ts';
import type { Pile, PilePosition, Uploads } from '../domain/uploads/ports.ts';
import { hasEnded } from '../domain/uploads/states.ts';
import type { Upload } from '../domain/uploads/upload.ts';
import { putRevision } from './put-revision.ts';
import { callService } from './service-fault.ts';

const PORT = 'uploads';
const DAY_SECONDS = 86_400;

/**
 * Stores uploads by the key `uploadId`. Each write replaces the whole row. The index `byPile` lists uploads by state and due
 * time.
 */
export class DynamoUploads implements Uploads {
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

  async open(upload: Upload): Promise<Upload> {
    const put = await this.#put(upload, { ConditionExpression: 'attribute_not_exists(uploadId)' });
    if (put === 'changed') return upload;
    const standing = await this.find(upload.uploadId);
    if (standing === undefined) throw new Unavailable(PORT, 'the conflicting upload is gone');
    return standing;
  }

  async find(uploadId: UploadId): Promise<Upload | undefined> {
    const row = await this.#read(uploadId);
    return row && uploadOf(row);
  }

  async change(from: Upload, to: Upload): Promise<'changed' | 'stale'> {
    return await this.#put(to, {
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
    const { Items = [], LastEvaluatedKey } = await callService(PORT, () =>
      this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          IndexName: 'byPile',
          KeyConditionExpression: isDue ? 'pile = :pile AND dueAt <= :until' : 'pile = :pile',
          ExpressionAttributeValues: { ':pile': pile, ...(isDue && { ':until': dueUntil }) },
          Limit: limit,
          ...(after !== undefined && { ExclusiveStartKey: { pile, ...keyAt(after) } }),
        }),
      ),
    );
    const uploads = (Items as Row[]).map(uploadOf);
    return LastEvaluatedKey === undefined
      ? { uploads }
      : { uploads, next: `${LastEvaluatedKey.dueAt}.${LastEvaluatedKey.uploadId}` };
  }

  async #put(upload: Upload, condition: Partial<PutCommandInput>): Promise<'changed' | 'stale'> {
    const Item = rowOf(upload, this.#retentionDays);
    const put = { port: PORT, TableName: this.#table, Item, ...condition };
    return await putRevision(this.#client, put, () => this.#read(upload.uploadId));
  }

  async #read(uploadId: UploadId): Promise<Row | undefined> {
    const { Item } = await callService(PORT, () =>
      this.#client.send(new GetCommand({ TableName: this.#table, Key: { uploadId }, ConsistentRead: true })),
    );
    return Item as Row | undefined;
  }
}

type Row = Omit<Upload, 'changedAt'> & {
  readonly changedAt: string;
  readonly pile: Pile;
  /** Time at which TTL removes the row. Absent while the object can be downloaded. */
  readonly removeAt?: EpochSeconds;
};

function rowOf({ changedAt, ...upload }: Upload, retentionDays: number): Row {
  const over = hasEnded(upload) ? epochSeconds(changedAt) : upload.sessionExpiresAt;
  return {
    ...upload,
    changedAt: changedAt.toISOString(),
    pile: pileOf(upload),
    ...(upload.state !== 'published' && { removeAt: secondsAfter(over, retentionDays * DAY_SECONDS) }),
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
