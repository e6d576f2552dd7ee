import type { AssetName } from './asset-name.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { epochSeconds, type Token } from './ids.ts';
import { mintToken } from './mint-token.ts';
import type { Clock, FileStore, Ledger, SigningKeys, TokenStore } from './ports.ts';
import type { Issuer, Opening, TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { signToken } from './token.ts';

export interface IssueLinkDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'put'>;
  readonly files: Pick<FileStore, 'head'>;
  readonly ledger: Ledger;
}

export interface IssueLinkRequest {
  readonly asset: AssetName;
  readonly issuedBy: Issuer;
  readonly lifetimeSeconds: number;
  readonly open: Opening;
}

/**
 * Issues a link to a trusted program, which gets the token in the answer. The link is pinned to the version of
 * the file at this moment.
 */
export async function issueLink(
  deps: IssueLinkDependencies,
  { asset, issuedBy, lifetimeSeconds, open }: IssueLinkRequest,
): Promise<Result<{ readonly record: TokenRecord; readonly token: Token }, Refusal>> {
  const file = await deps.files.head(asset);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_not_found' } : ARCHIVED);
  const issuedAt = deps.clock();
  const record = mintToken({ asset: file.value, issuedBy, open, lifetimeSeconds }, epochSeconds(issuedAt));
  const token = signToken(record, await deps.keys.keyFor(record.keyEpoch));
  await deps.store.put(record);
  await deps.ledger.append({ event: 'issued', tokenId: record.tokenId, at: issuedAt, asset, issuedBy });
  return ok({ record, token });
}
