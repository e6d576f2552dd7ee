import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ACCESSES, writesItems } from './accesses.ts';
import type { Item, StreamRecord } from './stream-log.ts';

/** What a stream's records contain in addition to the item's key: nothing, the new image, the old image, or both. */
export const StreamViewType = z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']);
export type StreamViewType = z.output<typeof StreamViewType>;

/** An item that a request writes. It may not exist yet. */
export interface WrittenItem {
  readonly table: string;
  /** The item or its key. */
  readonly row: Item;
}

/** Returns the items that a request writes. Returns none for a malformed request, which DynamoDB will reject. */
export function writtenItems(operation: string, input: unknown): readonly WrittenItem[] {
  if (!writesItems(operation)) return [];
  const accesses = ACCESSES[operation]?.safeParse(input).data ?? [];
  return accesses.flatMap(({ table, rows }) => rows.map((row) => ({ table, row })));
}

/** A change to one item. `before` or `after` is undefined if the item did not exist at that time. */
export interface Change {
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly userIdentity?: NonNullable<StreamRecord['userIdentity']>;
}

/** Returns whether a write changed its item. If it did not, DynamoDB writes no stream record. */
export const isChange = ({ before, after }: Change): boolean =>
  !isDeepStrictEqual(withSortedSets(before), withSortedSets(after));

const SETS: ReadonlySet<string> = new Set(['SS', 'NS', 'BS']);

/** Sorts the sets in an item, because the order of a set's elements has no meaning. */
function withSortedSets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedSets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SETS.has(name) && Array.isArray(inner) ? inner.toSorted() : withSortedSets(inner),
    ]),
  );
}

/** Creates the stream record for a change. */
export function recordOf(
  { key, before, after, userIdentity }: Change,
  view: StreamViewType,
  { sequenceNumber, now, region }: { sequenceNumber: string; now: Date; region: string },
): StreamRecord {
  const { NewImage, OldImage } = {
    NewImage: view.startsWith('NEW_') ? after : undefined,
    OldImage: view.endsWith('OLD_IMAGES') || view === 'OLD_IMAGE' ? before : undefined,
  };
  return {
    eventID: randomBytes(16).toString('hex'),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    ...(userIdentity === undefined ? {} : { userIdentity }),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(now.getTime() / 1000),
      Keys: key,
      ...(NewImage === undefined ? {} : { NewImage }),
      ...(OldImage === undefined ? {} : { OldImage }),
      SequenceNumber: sequenceNumber,
      SizeBytes: Buffer.byteLength(JSON.stringify([key, NewImage, OldImage])),
      StreamViewType: view,
    },
  };
}
