import * as z from 'zod/mini';
import {
  DOWNLOAD_SECONDS,
  formLimits,
  name,
  origins,
  receipts,
  secondChances,
  signing,
  trustedProxy,
} from './groups.ts';
import { proofPolicy } from './proof-of-work.ts';

export const pagesEnvironment = z.strictObject({
  ...receipts,
  ...signing,
  ...origins,
  ...trustedProxy,
  ...secondChances,
  ...formLimits,
  PROOF_OF_WORK: z.optional(proofPolicy),
  TOKEN_TABLE: name,
  DOWNLOAD_SECONDS,
});
