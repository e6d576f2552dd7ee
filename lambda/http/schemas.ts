import * as z from 'zod/mini';
import { parseAssetName } from '../domain/asset-name.ts';
import { parseTokenId } from '../domain/ids.ts';
import { parsed } from './check.ts';

/** Any text: whether it is a token is the domain's to say, in one answer for all that are none. */
const token = z.string().check(z.maxLength(2048));

/** The longest link: 400 days; the shortest: a minute. In seconds. */
const LIFETIME = { min: 60, max: 34_560_000 } as const;

/** `POST /redeem`, `POST /redeem/renew`, `POST /redeem/report` */
export const tokenBody = z.strictObject({ token });

/** `GET /redeem`, `GET /download` */
export const tokenQuery = z.object({ token });

/** `GET /` */
export const formQuery = z.object({ asset: z.optional(parsed(parseAssetName)) });

/** `POST /links` */
export const linkRequest = z.strictObject({
  asset: parsed(parseAssetName),
  expiresIn: z.optional(z.int().check(z.minimum(LIFETIME.min), z.maximum(LIFETIME.max))),
  open: z._default(z.enum(['confirm', 'direct']), 'confirm'),
});

/** `/links/{tokenId}` */
export const linkPath = z.strictObject({ tokenId: parsed(parseTokenId) });
