import * as z from 'zod/mini';
import { parseAssetName } from '../domain/asset-name.ts';
import { parsed } from './check.ts';

/** Any text. The domain checks whether it is a token, and refuses all other texts in the same way. */
export const token = z.string().check(z.maxLength(2048));

/** Body of `POST /redeem/renew`, `POST /redeem/report`, `POST /upload/files`, and `POST /upload/finish`. */
export const tokenBody = z.strictObject({ token });

/** Body of `POST /redeem` and its variants that send bytes. The domain checks whether `code` is a presence code. */
export const redeemBody = z.strictObject({ token, code: z.optional(z.string().check(z.maxLength(64))) });

/** Query of every GET that presents a token. */
export const tokenQuery = z.object({ token });

/** Query of `GET /challenge`. */
export const challengeQuery = z.object({ asset: parsed(parseAssetName) });

/** Query of `GET /`. */
export const formQuery = z.object({ asset: z.optional(parsed(parseAssetName)) });
