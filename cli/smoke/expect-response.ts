import { z } from 'zod';
import { SmokeFailure } from './steps.ts';
import type { SmokeResponse } from './world.ts';

const Problem = z.object({ code: z.string().regex(/^[a-z_]{1,60}$/) });

/** Returns the parts of a response that may be shown: its status and the code of a problem. */
function shownResponse({ status, body }: SmokeResponse): string {
  const problem = Problem.safeParse(body);
  return problem.success ? `${status} ${problem.data.code}` : String(status);
}

/**
 * Checks the status of a response and the code of a problem.
 *
 * @throws SmokeFailure that shows only the status and the code
 */
export function expectResponse(response: SmokeResponse, wanted: string): void {
  const shown = shownResponse(response);
  if (shown !== wanted) throw new SmokeFailure(`${shown} instead of ${wanted}`);
}

/**
 * Parses the body of a response.
 *
 * @throws SmokeFailure that names the missing member but does not show the body
 */
export function readResponse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new SmokeFailure(`the response lacks ${read.error.issues[0]?.path.join('.') || 'its body'}`);
}
