import * as z from 'zod/mini';
import { parseAssetName } from '../domain/asset-name.ts';
import { parseEmailAddress } from './address.ts';
import { parsed } from './check.ts';

/**
 * Checks the body of `POST /token`. It is separate from the other schemas, so that only its function carries the
 * address parser.
 */
export const tokenRequest = z.strictObject({
  email: parsed(parseEmailAddress),
  asset: parsed(parseAssetName),
});
