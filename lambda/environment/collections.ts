import * as z from 'zod/mini';
import { DOWNLOAD_SECONDS, name, origins, receipts, signing, trustedProxy } from './groups.ts';

export const collectionEnvironment = z.strictObject({
  ...receipts,
  ...signing,
  ...origins,
  ...trustedProxy,
  TOKEN_TABLE: name,
  DOWNLOAD_SECONDS,
});
