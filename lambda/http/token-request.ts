import * as z from 'zod/mini';
import { parseAssetName } from '../domain/asset-name.ts';
import { parseEmailAddress } from './address.ts';
import { parsed } from './check.ts';

/** `POST /token`; apart from the other schemas, so that only its function carries the parser of addresses. */
export const tokenRequest = z.strictObject({
  email: parsed(parseEmailAddress),
  asset: parsed(parseAssetName),
});
