import * as z from 'zod/mini';
import { parseAssetName } from '../domain/asset-name.ts';
import { parseObjectId, parseTokenId } from '../domain/ids.ts';
import { LIFETIME } from '../domain/lifetime.ts';
import { LONGEST_MESSAGE, LONGEST_NAME } from '../domain/recipient-words.ts';
import type { Delivery, FormDelivery } from '../domain/records.ts';
import { PLAIN_LINE } from '../domain/unsafe-characters.ts';

import { parseEmailAddress } from './address.ts';
import { parsed } from './check.ts';
import { parseCidr } from './cidr.ts';

/*
 * What signed callers send. These schemas are separate from the others, so that only their function carries the
 * parsers.
 */

/** Lists the deliveries of a deployment. The first is for links that do not ask for one. */
export type Deliveries = readonly [Delivery, ...Delivery[]];

/**
 * Returns the deliveries that callers may ask for.
 *
 * @param usual how links are delivered that do not say; `undefined` if no reverse proxy could deliver them
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
 * Creates what checks the body of `POST /links`.
 *
 * @param deliveries what callers may choose from; the first is the default
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
      z.refine(({ assets, asset, objectId }) => [assets, asset, objectId].filter(isGiven).length === 1, {
        path: ['asset'],
      }),
      z.refine(({ assets = [] }) => new Set(assets).size === assets.length, { path: ['assets'] }),
      z.refine(({ assets, delivery }) => assets !== undefined || delivery !== 'zip', { path: ['delivery'] }),
      // Its page has a button for each file.
      z.refine(
        ({ assets, delivery, open }) => assets === undefined || delivery === 'zip' || open === 'confirm',
        {
          path: ['open'],
        },
      ),
      z.refine(({ assets, count }) => assets === undefined || count === 1, { path: ['count'] }),
      z.refine(({ assets, watermark }) => assets === undefined || watermark !== true, {
        path: ['watermark'],
      }),
      // Anything that opens mails by itself would redeem it.
      z.refine(({ recipient, open }) => recipient === undefined || open === 'confirm', { path: ['open'] }),
      z.refine(({ recipient, count }) => recipient === undefined || count === 1, { path: ['count'] }),
      // Only the mail shows them.
      z.refine(({ recipient, recipientName }) => recipient !== undefined || recipientName === undefined, {
        path: ['recipientName'],
      }),
      z.refine(({ recipient, message }) => recipient !== undefined || message === undefined, {
        path: ['message'],
      }),
      // A URL of S3 opens the file as it is.
      z.refine(({ watermark, delivery }) => watermark !== true || delivery === 'stream', {
        path: ['delivery'],
      }),
      z.refine(({ watermark, watermarkName }) => watermarkName === undefined || watermark === true, {
        path: ['watermarkName'],
      }),
      // Its page has no field for a code.
      z.refine(
        ({ assets, delivery, presenceCode }) => !assets || delivery === 'zip' || presenceCode !== true,
        {
          path: ['presenceCode'],
        },
      ),
      // A program's GET has no place for one.
      z.refine(({ presenceCode, open }) => presenceCode !== true || open === 'confirm', {
        path: ['presenceCode'],
      }),
      // Otherwise nobody would ever get it.
      z.refine(({ recipient, reveal }) => recipient !== undefined || reveal, { path: ['reveal'] }),
    );

const isGiven = (value: unknown) => value !== undefined;

/** Checks the path of `/links/{tokenId}`. */
export const linkPath = z.strictObject({ tokenId: parsed(parseTokenId) });

const MOST_LISTED = 100;

const pageSize = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,2}$/)),
  z.pipe(z.transform(Number), z.int().check(z.maximum(MOST_LISTED))),
);

/** Checks the query of `GET /links`. It is strict, because a misspelled filter would list everything. */
export const linkQuery = z.strictObject({
  asset: z.optional(parsed(parseAssetName)),
  recipient: z.optional(parsed(parseEmailAddress)),
  limit: z._default(z.optional(pageSize), 20),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(2048))),
});
