import type { Refuse } from './api-handler.ts';
import { problem } from './response.ts';

/**
 * Refuses requests with a problem document, never with a page. This function has its own file so that bundles without
 * pages contain no page texts or styles.
 */
export const refuseProgram: Refuse = (_request, refusal) => ({
  response: problem(refusal),
  outcome: refusal.code,
});
