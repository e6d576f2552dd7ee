import type { Refusal } from './errors.ts';
import { type EpochSeconds, epochSeconds, type Token } from './ids.ts';
import type { Clock, SigningKeys, TokenLookup, TokenStore } from './ports.ts';
import { isGenuine } from './record-seal.ts';
import type { CollectedFile, TokenRecord } from './records.ts';
import type { IsAllowedFrom } from './redemption.ts';
import { fail, ok, type Result } from './result.ts';
import { authenticateToken, COLLECTION_TOKEN, signToken } from './token.ts';
import { isExpired, liveRecord } from './token-state.ts';

export interface CollectionDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find' | 'findAll'>;
  readonly isAllowedFrom: IsAllowedFrom;
}

/** Tells how a file of a collection stands. `gone`: neither its record nor its receipt says anything that counts. */
export type FileStanding =
  | { readonly state: 'live'; readonly token: Token }
  | { readonly state: 'redeemed' | 'revoked'; readonly at: EpochSeconds }
  | { readonly state: 'gone' };

/** Represents one file on the page of a collection. */
export interface PresentedFile extends CollectedFile {
  readonly standing: FileStanding;
}

/** Represents a collection with what its holder may do at one moment. */
export interface Collection {
  readonly record: TokenRecord;
  readonly files: readonly PresentedFile[];
}

/**
 * Opens a collection from a network that may redeem it, as often as anyone likes. Nothing is changed. Each live file
 * comes with its own token, which is computed from its record.
 *
 * @throws Unavailable if a service is down
 */
export async function presentCollection(
  { clock, keys, store, isAllowedFrom }: CollectionDependencies,
  text: string,
  sourceAddress: string,
): Promise<Result<Collection, Refusal>> {
  const now = epochSeconds(clock());
  const authentic = await authenticateToken(text, keys, now, COLLECTION_TOKEN);
  if (!authentic.ok) return authentic;
  const { claims, key } = authentic.value;
  const found = await store.find(claims.tokenId);
  // As for a link: a collection that was revoked says so even after its time.
  if (found.receipt === undefined && isExpired(claims.expiresAt, now)) {
    return fail({ code: 'token_expired', at: claims.expiresAt, renewal: 'none' });
  }
  const live = liveRecord(claims, found);
  if (!live.ok) return live;
  const record = live.value;
  const { files, allowedCidrs, tokenId } = record;
  if (files === undefined || !isGenuine(record, key)) return fail({ code: 'token_unknown' });
  if (allowedCidrs !== undefined && !isAllowedFrom(allowedCidrs, sourceAddress)) {
    return fail({ code: 'not_allowed_from_here' });
  }
  const members = await store.findAll(files.map((file) => file.tokenId));
  const standingOf = ({ record: member, receipt }: TokenLookup): FileStanding => {
    if (receipt !== undefined) return { state: receipt.kind, at: receipt.at };
    const isOurs = member?.collection === tokenId && member.files === undefined && isGenuine(member, key);
    return isOurs ? { state: 'live', token: signToken(member, key) } : { state: 'gone' };
  };
  return ok({
    record,
    files: files.map((file, index) => ({ ...file, standing: standingOf(members[index] ?? {}) })),
  });
}
