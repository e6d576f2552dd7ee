import * as z from 'zod/mini';
import { type AssetName, parseAssetName } from '../domain/asset-name.ts';
import type { Change } from '../domain/events/change.ts';
import {
  type CallerId,
  type EpochSeconds,
  type LinkId,
  type Pseudonym,
  parseLinkId,
  parseObjectId,
  parseTokenId,
  parseUploadId,
  type RedemptionId,
  type Tenant,
  type TokenId,
  type UploadId,
} from '../domain/ids.ts';
import { DELIVERIES, type Issuer, type Revoker } from '../domain/records.ts';
import type { Reason } from '../domain/uploads/upload.ts';

/*
 * Reads the records of the table streams, attribute by attribute. The records also contain addresses, sources, and
 * notes, which are not read (Amazon DynamoDB Streams API Reference, "StreamRecord").
 */

/** Table that a stream belongs to. */
export type StreamedTable = 'tokens' | 'receipts' | 'ledger' | 'uploads';

const text = <Text extends string>(check: (given: string) => unknown = () => true) =>
  z.pipe(
    z.object({ S: z.string().check(z.refine((given) => Boolean(check(given)))) }),
    z.transform(({ S }) => S as Text),
  );
const oneOf = <const Values extends readonly string[]>(...values: Values) =>
  text<Values[number]>((given) => values.includes(given));
const number = z.pipe(
  z.object({ N: z.string() }),
  z.transform(({ N }) => Number(N)),
);
/**
 * Whole seconds since 1970, up to the end of 9999. A record whose time cannot be formatted would block the records
 * behind it.
 */
const seconds = z.pipe(
  z.pipe(number, z.int().check(z.minimum(0), z.maximum(253_402_300_799))),
  z.transform((count) => count as EpochSeconds),
);
const map = <Shape extends Readonly<Record<string, z.ZodMiniType>>>(shape: Shape) =>
  z.pipe(
    z.object({ M: z.object(shape) }),
    z.transform(({ M }) => M),
  );

const length = z.pipe(
  z.object({ L: z.array(z.unknown()) }),
  z.transform(({ L }) => L.length),
);

const MOMENT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const isMoment = (given: string) => matches(MOMENT)(given) && !Number.isNaN(Date.parse(given));
const matches = (pattern: string) => (given: string) => new RegExp(`^${pattern}$`).test(given);

const tokenId = text<TokenId>(parseTokenId);
/** Name of an offered file, or ID of an uploaded object. */
const assetName = text<AssetName>((given) => parseAssetName(given) ?? parseObjectId(given));
const redemptionId = text<RedemptionId>(matches('[0-9a-f-]{36}'));
const pseudonym = text<Pseudonym>(matches('[0-9a-f]{32}'));
const timeEvent = text(
  (given) => matches('[^#]+#[a-z-]+')(given) && isMoment(given.slice(0, given.indexOf('#'))),
);
const link = { tokenId, issuedBy: text<Issuer>(), callerId: z.optional(text<CallerId>()) };

const insert = z.literal('INSERT');
const created = { ApproximateCreationDateTime: z.number() };

const recordPut = z.object({
  eventName: insert,
  dynamodb: z.object({
    NewImage: z.object({
      ...link,
      asset: map({ name: assetName, size: number }),
      open: oneOf('confirm', 'direct'),
      delivery: oneOf(...DELIVERIES),
      issuedAt: seconds,
      files: z.optional(length),
      collection: z.optional(tokenId),
      expiresAt: seconds,
    }),
  }),
});

/** Removals by TTL, not by a function (Amazon DynamoDB Developer Guide, "DynamoDB Streams and Time to Live"). */
const recordRemoved = z.object({
  eventName: z.literal('REMOVE'),
  userIdentity: z.object({ type: z.literal('Service'), principalId: z.literal('dynamodb.amazonaws.com') }),
  dynamodb: z.object({
    ...created,
    OldImage: z.object({ ...link, asset: map({ name: assetName }), expiresAt: seconds }),
  }),
});

const receipt = { ...link, asset: assetName, at: seconds, redemptionId };
const receiptPut = z.object({
  eventName: insert,
  dynamodb: z.object({
    NewImage: z.union([
      z.object({ ...receipt, kind: oneOf('redeemed') }),
      z.object({ ...receipt, kind: oneOf('revoked'), revokedBy: text<Revoker>() }),
    ]),
  }),
});

const entry = { tokenId, asset: assetName, pseudonym: z.optional(pseudonym), timeEvent };
const entryPut = z.object({
  eventName: insert,
  dynamodb: z.object({
    ...created,
    NewImage: z.union([
      z.object({ ...entry, event: oneOf('mailed', 'reported') }),
      z.object({ ...entry, event: oneOf('reissued'), redemptionId }),
      z.object({ ...entry, event: oneOf('mail-failed'), reason: text() }),
      z.object({ ...entry, event: oneOf('bounced'), bounce: oneOf('permanent', 'transient') }),
    ]),
  }),
});

const stepOf = <const Events extends readonly string[]>(...events: Events) =>
  z.pipe(
    map({ event: oneOf(...events) }),
    z.transform(({ event }) => event),
  );
const revision = {
  uploadId: text<UploadId>(parseUploadId),
  tenant: text<Tenant>(),
  linkId: z.optional(text<LinkId>(parseLinkId)),
  size: number,
  checksum: map({ base64: text() }),
  revision: number,
  changedAt: text(isMoment),
};
const revisionPut = z.object({
  eventName: z.literal('MODIFY'),
  dynamodb: z.object({
    NewImage: z.union([
      z.object({ ...revision, step: stepOf('published', 'released') }),
      z.object({
        ...revision,
        step: stepOf('rejected', 'parked'),
        reason: text<Reason>(matches('[a-z_]{1,32}')),
      }),
    ]),
  }),
});

/**
 * Reads a change from the stream of a table.
 *
 * @returns `undefined` if no event is published for the record
 */
export function readChange(table: StreamedTable, record: unknown): Change | undefined {
  switch (table) {
    case 'tokens':
      return readRecord(record);
    case 'receipts': {
      const read = z.safeParse(receiptPut, record);
      return read.success ? { change: 'receipt-put', ...read.data.dynamodb.NewImage } : undefined;
    }
    case 'ledger': {
      const read = z.safeParse(entryPut, record);
      if (!read.success) return undefined;
      const { NewImage, ApproximateCreationDateTime } = read.data.dynamodb;
      return { change: 'entry-put', ...NewImage, writtenAt: whole(ApproximateCreationDateTime) };
    }
    case 'uploads': {
      const read = z.safeParse(revisionPut, record);
      if (!read.success) return undefined;
      const { size, checksum, ...rest } = read.data.dynamodb.NewImage;
      return { change: 'revision-put', ...rest, ...(checksum.base64 !== '' && { size }) };
    }
  }
}

function readRecord(record: unknown): Change | undefined {
  const put = z.safeParse(recordPut, record);
  if (put.success) {
    const { asset, ...rest } = put.data.dynamodb.NewImage;
    return { change: 'record-put', ...rest, asset: asset.name, size: asset.size };
  }
  const removed = z.safeParse(recordRemoved, record);
  if (!removed.success) return undefined;
  const { OldImage, ApproximateCreationDateTime } = removed.data.dynamodb;
  const removedAt = whole(ApproximateCreationDateTime);
  return { change: 'record-removed', ...OldImage, asset: OldImage.asset.name, removedAt };
}

function whole(moment: number): EpochSeconds {
  return Math.floor(moment) as EpochSeconds;
}
