import * as z from 'zod/mini';
import { list, requesting } from './groups.ts';
import { proofPolicy } from './proof-of-work.ts';

export const mintEnvironment = z.strictObject({
  ...requesting,
  PROOF_OF_WORK: z.optional(proofPolicy),
  /** Domains exempt from the disposable-address blocklist, comma-separated. */
  ALLOWED_DOMAINS: list,
  /** Origins whose pages are allowed to call `POST /token` with a form or a script, comma-separated. */
  ALLOWED_ORIGINS: list,
});
