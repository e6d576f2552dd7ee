import { COLLECTION_TOKEN, parseToken, parseTokenId, type TokenId } from '../../lambda/operator.ts';
import { CommandFailure } from '../tvm/command-failure.ts';

/**
 * Reads the ID of a link. Also accepts a token or a whole link, and extracts the ID.
 *
 * @throws CommandFailure if the text contains no ID. The message omits the text, which may be a damaged token.
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
  const [token = ''] = /tv[mc]_[A-Za-z0-9_-]{52}(?![A-Za-z0-9_-])/.exec(text) ?? [];
  return (parseToken(token) ?? parseToken(token, COLLECTION_TOKEN))?.claims.tokenId;
}
