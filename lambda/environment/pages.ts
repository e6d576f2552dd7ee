import * as z from 'zod/mini';
import { DOWNLOAD_SECONDS, formLimits, name, origins, receipts, signing, trustedProxy } from './groups.ts';

export const pagesEnvironment = z.strictObject({
  ...receipts,
  ...signing,
  ...origins,
  ...trustedProxy,
  ...formLimits,
  TOKEN_TABLE: name,
  DOWNLOAD_SECONDS,
});
