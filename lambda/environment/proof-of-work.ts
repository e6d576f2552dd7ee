import * as z from 'zod/mini';
import { formLimits, list, name, pseudonyms, trustedProxy } from './groups.ts';

/**
 * Policy that determines which requests to the form need a proof of work. The variable is optional for functions that
 * also work without proofs.
 */
export const proofPolicy = z.enum(['auto', 'always']);

export const challengesEnvironment = z.strictObject({
  ...pseudonyms,
  ...trustedProxy,
  QUOTA_TABLE: name,
  SOURCE_LIMIT_PER_HOUR: formLimits.SOURCE_LIMIT_PER_HOUR,
  FORM_MAIL_LIMIT_PER_DAY: formLimits.FORM_MAIL_LIMIT_PER_DAY,
  PROOF_OF_WORK: proofPolicy,
  /** Origins whose pages are allowed to read the response, comma-separated. */
  ALLOWED_ORIGINS: list,
});
