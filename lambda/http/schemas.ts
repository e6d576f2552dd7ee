import * as z from 'zod/mini';
import { parseAssetName } from '../domain/asset-name.ts';
import { parsed } from './check.ts';

/** Any text: whether it is a token is the domain's to say, in one answer for all that are none. */
const token = z.string().check(z.maxLength(2048));

/** `POST /redeem`, `POST /redeem/renew`, `POST /redeem/report` */
export const tokenBody = z.strictObject({ token });

/** `GET /redeem`, `GET /download` */
export const tokenQuery = z.object({ token });

/** `GET /` */
export const formQuery = z.object({ asset: z.optional(parsed(parseAssetName)) });
