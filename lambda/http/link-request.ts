import * as z from 'zod/mini';
import { parseAssetName } from '../domain/asset-name.ts';
import type { Field } from '../domain/errors.ts';
import { parseObjectId, parseTokenId } from '../domain/ids.ts';
import { LIFETIME } from '../domain/lifetime.ts';
import { type Delivery, type FormDelivery, LONGEST_MESSAGE, LONGEST_NAME } from '../domain/records.ts';
import { PLAIN_LINE } from '../domain/unsafe-characters.ts';
import { parseEmailAddress } from './address.ts';
import { parsed } from './check.ts';
import { parseCidr } from './cidr.ts';

/*
 * Schemas of requests by IAM callers. They are separate from schemas.ts so that only the bundle that needs them
 * contains their parsers.
 */

/** Deliveries that callers may choose in this deployment, starting with the default. */
export type Deliveries = readonly [Delivery, ...Delivery[]];

/**
 * Returns the deliveries that callers may choose.
 *
 * @param usual default delivery; `undefined` if there is no reverse proxy
 */
export function deliveriesOf(usual: FormDelivery | undefined): Deliveries {
  if (usual === undefined) return ['redirect', 'stream', 'zip'];
  return usual === 'proxy' ? ['proxy', 'redirect', 'stream', 'zip'] : ['redirect', 'stream', 'proxy', 'zip'];
}

const MOST_LINKS = 100;
const MOST_NETWORKS = 16;
const MOST_FILES = 20;
const LONGEST_NOTE = 200;

const plainLine = (longest: number) => z.string().check(z.maxLength(longest), z.regex(PLAIN_LINE));

/**
 * Creates the schema for the body of `POST /links`.
 *
 * @param deliveries deliveries that callers may choose; the first is the default
 */
export const linkRequest = (deliveries: Deliveries) =>
  z
    .strictObject({
      asset: z.optional(parsed(parseAssetName)),
      objectId: z.optional(parsed(parseObjectId)),
      assets: z.optional(z.array(parsed(parseAssetName)).check(z.minLength(2), z.maxLength(MOST_FILES))),
      recipient: z.optional(parsed(parseEmailAddress)),
      recipientName: z.optional(plainLine(LONGEST_NAME)),
      message: z.optional(plainLine(LONGEST_MESSAGE)),
      expiresIn: z.optional(z.int().check(z.minimum(LIFETIME.min), z.maximum(LIFETIME.max))),
      open: z._default(z.enum(['confirm', 'direct']), 'confirm'),
      delivery: z._default(z.enum(deliveries), deliveries[0]),
      allowedCidrs: z.optional(z.array(parsed(parseCidr)).check(z.minLength(1), z.maxLength(MOST_NETWORKS))),
      count: z._default(z.int().check(z.minimum(1), z.maximum(MOST_LINKS)), 1),
      note: z.optional(plainLine(LONGEST_NOTE)),
      notify: z.optional(parsed(parseEmailAddress)),
      reveal: z._default(z.boolean(), true),
      watermark: z.optional(z.boolean()),
      watermarkName: z.optional(plainLine(LONGEST_NAME)),
      secondChance: z.optional(z.boolean()),
      presenceCode: z.optional(z.boolean()),
    })
    .check(
      rule('asset', ({ assets, asset, objectId }) => [assets, asset, objectId].filter(isGiven).length === 1),
      rule('assets', ({ assets = [] }) => new Set(assets).size === assets.length),
      rule('delivery', ({ assets, delivery }) => isGiven(assets) || delivery !== 'zip'),
      // The page of a collection has a button for each file, so a collection cannot be opened directly.
      rule('open', (fields) => !isCollection(fields) || fields.open === 'confirm'),
      rule('count', ({ assets, count }) => !isGiven(assets) || count === 1),
      rule('watermark', ({ assets, watermark }) => !isGiven(assets) || watermark !== true),
      // A direct link in an e-mail would be redeemed by any program that scans the e-mail.
      rule('open', ({ recipient, open }) => !isGiven(recipient) || open === 'confirm'),
      rule('count', ({ recipient, count }) => !isGiven(recipient) || count === 1),
      // Only the e-mail contains the recipient's name and the message.
      rule('recipientName', ({ recipient, recipientName }) => isGiven(recipient) || !isGiven(recipientName)),
      rule('message', ({ recipient, message }) => isGiven(recipient) || !isGiven(message)),
      // A presigned URL would deliver the file without a watermark.
      rule('delivery', ({ watermark, delivery }) => watermark !== true || delivery === 'stream'),
      rule('watermarkName', ({ watermark, watermarkName }) => watermark === true || !isGiven(watermarkName)),
      // The page of a collection has no field for a code.
      rule('presenceCode', (fields) => !isCollection(fields) || fields.presenceCode !== true),
      // A program that opens the link with a GET request cannot send a code.
      rule('presenceCode', ({ presenceCode, open }) => presenceCode !== true || open === 'confirm'),
      // Nobody would get a link that is neither mailed nor returned.
      rule('reveal', ({ recipient, reveal }) => isGiven(recipient) || reveal),
    );

/** Creates a rule about fields that depend on each other. If it is broken, `field` is reported. */
const rule = <Fields>(field: Field, holds: (fields: Fields) => boolean) =>
  z.refine<Fields>(holds, { path: [field] });

const isCollection = ({ assets, delivery }: { readonly assets?: unknown; readonly delivery: Delivery }) =>
  isGiven(assets) && delivery !== 'zip';

const isGiven = (value: unknown) => value !== undefined;

/** Path parameters of `/links/{tokenId}`. */
export const linkPath = z.strictObject({ tokenId: parsed(parseTokenId) });

const MOST_LISTED = 100;

const pageSize = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,2}$/)),
  z.pipe(z.transform(Number), z.int().check(z.maximum(MOST_LISTED))),
);

/** Query of `GET /links`. Unknown parameters are refused, because a misspelled filter would list everything. */
export const linkQuery = z.strictObject({
  asset: z.optional(parsed(parseAssetName)),
  recipient: z.optional(parsed(parseEmailAddress)),
  limit: z._default(z.optional(pageSize), 20),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(2048))),
});
