import { type ApiResponse, callApi, failureOfProblem, isOverDailyLimit } from './api.ts';
import { CommandFailure } from './command-failure.ts';
import type { Connection } from './connection.ts';
import { failureOf } from './failure-of.ts';
import type { ApiCall } from './sigv4-fetch.ts';

/** A call that creates something. The idempotency key makes it safe to repeat. */
export type NamedCall = ApiCall & { readonly headers: { readonly 'idempotency-key': string } };

/**
 * Makes a call whose effect must not happen twice. If the response is lost, repeating the call with the same
 * idempotency key returns the same response.
 *
 * @param created names what the call may have created, such as "the links that may have been issued"
 * @throws CommandFailure that contains the idempotency key, if the outcome is unknown
 */
export async function callNamed(
  connection: Connection,
  call: NamedCall,
  created: string,
  signal: AbortSignal,
): Promise<ApiResponse> {
  const again = `Run the command again with --idempotency-key ${call.headers['idempotency-key']} to get exactly ${created}.`;
  let response: ApiResponse;
  try {
    response = await callApi(connection, call, signal);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined && !signal.aborted) throw error;
    throw new CommandFailure(
      'unreachable',
      failure?.message ?? 'Stopped before the response arrived.',
      again,
    );
  }
  if (response.kind === 'success' || response.problem.status === 403) return response;
  if (isOverDailyLimit(response.problem)) return response;
  const failure = failureOfProblem(response.problem);
  if (failure.ending !== 'unreachable') return response;
  throw new CommandFailure(failure.ending, failure.message, again);
}
