import type { TokenId } from '../../lambda/operator.ts';
import { callApi, failureOfProblem } from '../tvm/api.ts';
import type { Connection } from '../tvm/connection.ts';

export interface Revocation {
  readonly tokenId: TokenId;
  /** `redeemed` if it was too late to revoke the link, `expired` if the link had already expired. */
  readonly result: 'revoked' | 'redeemed' | 'expired' | 'unknown';
  /** RFC 3339, UTC. */
  readonly redeemedAt?: string;
}

/**
 * Revokes a link. Revoking it again changes nothing.
 *
 * @throws CommandFailure for any problem that is not one of the results
 */
export async function revokeLink(
  connection: Connection,
  tokenId: TokenId,
  signal: AbortSignal,
): Promise<Revocation> {
  const response = await callApi(
    connection,
    { method: 'DELETE', path: `/operator/tokens/${tokenId}` },
    signal,
  );
  if (response.kind === 'success') return { tokenId, result: 'revoked' };
  const { problem } = response;
  switch (problem.code) {
    case 'token_redeemed':
      return {
        tokenId,
        result: 'redeemed',
        ...(problem.redeemedAt !== undefined && { redeemedAt: problem.redeemedAt }),
      };
    case 'token_expired':
      return { tokenId, result: 'expired' };
    case 'not_found':
    case 'token_unknown':
      return { tokenId, result: 'unknown' };
    default:
      throw failureOfProblem(problem);
  }
}
