import { type ApiAnswer, callApi, failureOfProblem } from './api.ts';
import { CommandFailure } from './command-failure.ts';
import type { Connection } from './connection.ts';
import { failureOf } from './failure-of.ts';
import type { ApiCall } from './sigv4-fetch.ts';

/** A call that creates something. The idempotency key makes it safe to repeat. */
export type NamedCall = ApiCall & { readonly headers: { readonly 'idempotency-key': string } };

/**
 * Makes a call whose effect must not happen twice. If its answer is lost, repeating it with the same idempotency key
 * returns the same answer.
 *
 * @param created names what the call may have created, such as "the links that may have been issued"
 * @throws CommandFailure that contains the idempotency key, if the outcome is unknown
 */
export async function callNamed(
  connection: Connection,
  call: NamedCall,
  created: string,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  const again = `Run the command again with --idempotency-key ${call.headers['idempotency-key']} to get exactly ${created}.`;
  let answer: ApiAnswer;
  try {
    answer = await callApi(connection, call, signal);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined && !signal.aborted) throw error;
    throw new CommandFailure('unreachable', failure?.message ?? 'Stopped before the answer arrived.', again);
  }
  if (answer.kind === 'answer' || answer.problem.status === 403) return answer;
  const failure = failureOfProblem(answer.problem);
  if (failure.ending !== 'unreachable') return answer;
  throw new CommandFailure(failure.ending, failure.message, again);
}
