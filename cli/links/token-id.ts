import { parseToken, parseTokenId, type TokenId } from '../../lambda/operator.ts';
import { CommandFailure } from '../tvm/command-failure.ts';

/**
 * Reads the id of a link. A token, or a whole link, holds it too: it is taken out here, and the rest goes nowhere.
 *
 * @throws CommandFailure for what holds none; what was given is not repeated, since it may be a spoilt token
 */
export function readTokenId(text: string): TokenId {
  const id = parseTokenId(text.trim().toLowerCase()) ?? idInToken(text);
  if (id !== undefined) return id;
  throw new CommandFailure(
    'usage',
    'This is neither a link nor the ID of a link.',
    'An ID has 32 hexadecimal digits. "tvm list" shows the IDs of links.',
  );
}

function idInToken(text: string): TokenId | undefined {
  const [token] = /tvm_[A-Za-z0-9_-]{52}(?![A-Za-z0-9_-])/.exec(text) ?? [];
  return token === undefined ? undefined : parseToken(token)?.claims.tokenId;
}
