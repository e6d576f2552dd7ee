import * as z from 'zod/mini';
import { DOWNLOAD_SECONDS, name, origins, receipts, secondChances, signing, trustedProxy } from './groups.ts';

export const collectionEnvironment = z.strictObject({
  ...receipts,
  ...signing,
  ...origins,
  ...trustedProxy,
  ...secondChances,
  TOKEN_TABLE: name,
  DOWNLOAD_SECONDS,
});
