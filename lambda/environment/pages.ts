import * as z from 'zod/mini';
import { DOWNLOAD_SECONDS, formLimits, readLinks } from './groups.ts';
import { proofPolicy } from './proof-of-work.ts';

export const pagesEnvironment = z.strictObject({
  ...readLinks,
  ...formLimits,
  PROOF_OF_WORK: z.optional(proofPolicy),
  DOWNLOAD_SECONDS,
});
