import type { Refuse } from './api-handler.ts';
import { problem } from './response.ts';

/**
 * Refuses programs only, always with a problem document. It has a file of its own, so that functions without pages do not carry
 * their words and styles.
 */
export const refuseProgram: Refuse = (_request, refusal) => ({
  response: problem(refusal),
  outcome: refusal.code,
});
