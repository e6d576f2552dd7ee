import * as z from 'zod/mini';
import { DOWNLOAD_SECONDS, formLimits, name, origins, receipts, signing } from './groups.ts';

export const pagesEnvironment = z.strictObject({
  ...receipts,
  ...signing,
  ...origins,
  ...formLimits,
  TOKEN_TABLE: name,
  DOWNLOAD_SECONDS,
});
