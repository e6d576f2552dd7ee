import * as z from 'zod/mini';
import { parseAssetName } from '../domain/asset-name.ts';
import { parsed } from './check.ts';

/** Accepts any text. Whether it is a token is for the domain to say, in one answer for everything that is not. */
export const token = z.string().check(z.maxLength(2048));

/** Checks the body of `POST /redeem/renew` and `POST /redeem/report`. */
export const tokenBody = z.strictObject({ token });

/** Checks the body of `POST /redeem` and its siblings. Whether the text is a code is for the domain to say. */
export const redeemBody = z.strictObject({ token, code: z.optional(z.string().check(z.maxLength(64))) });

/** Checks the query of `GET /redeem` and `GET /download`. */
export const tokenQuery = z.object({ token });

/** Checks the query of `GET /challenge`. */
export const challengeQuery = z.object({ asset: parsed(parseAssetName) });

/** Checks the query of `GET /`. */
export const formQuery = z.object({ asset: z.optional(parsed(parseAssetName)) });
