import type { Refusal } from './errors.ts';
import type { EpochSeconds, Token } from './ids.ts';
import { type InspectDependencies, judgeReading, readToken } from './inspect-token.ts';
import { mapInBatches } from './map-in-batches.ts';
import type { SecondChances, TokenLookup, TokenStore } from './ports.ts';
import { isGenuine } from './record-seal.ts';
import type { CollectedFile, Receipt, TokenRecord } from './records.ts';
import type { IsAllowedFrom } from './redemption.ts';
import { fail, ok, type Result } from './result.ts';
import { openChance } from './second-chance.ts';
import { COLLECTION_TOKEN, signToken } from './token.ts';

export interface CollectionDependencies extends InspectDependencies {
  readonly store: Pick<TokenStore, 'find' | 'findAll'>;
  readonly isAllowedFrom: IsAllowedFrom;
  /** Absent if second chances are turned off. */
  readonly secondChances?: Pick<SecondChances, 'find'> | undefined;
}

/** Open second chance of a file: the file's token, and the time at which the second chance ends. */
interface AgainUntil {
  readonly token: Token;
  readonly until: EpochSeconds;
}

/** State of a file in a collection. `gone` means that it has no receipt and no valid record. */
export type FileStanding =
  | { readonly state: 'live'; readonly token: Token }
  | { readonly state: 'redeemed'; readonly at: EpochSeconds; readonly again?: AgainUntil }
  | { readonly state: 'revoked'; readonly at: EpochSeconds }
  | { readonly state: 'gone' };

/** File on the page of a collection. */
export interface PresentedFile extends CollectedFile {
  readonly standing: FileStanding;
}

/** Collection with the state of its files at one moment. */
export interface Collection {
  readonly record: TokenRecord;
  readonly files: readonly PresentedFile[];
}

/**
 * Opens a collection if the request comes from an allowed network. Changes nothing, so it can be called any number of
 * times. Each file that is live or has a second chance comes with its own token, computed from its record.
 *
 * @throws Unavailable if a service is down
 */
export async function presentCollection(
  deps: CollectionDependencies,
  text: string,
  sourceAddress: string,
): Promise<Result<Collection, Refusal>> {
  const { store, isAllowedFrom, secondChances } = deps;
  const reading = await readToken(deps, text, COLLECTION_TOKEN);
  if (!reading.ok) return reading;
  const live = judgeReading(reading.value);
  if (!live.ok) return live;
  const record = live.value;
  const { key, now } = reading.value;
  const { files, allowedCidrs, tokenId } = record;
  if (files === undefined || !isGenuine(record, key)) return fail({ code: 'token_unknown' });
  if (allowedCidrs !== undefined && !isAllowedFrom(allowedCidrs, sourceAddress)) {
    return fail({ code: 'not_allowed_from_here' });
  }
  const members = await store.findAll(files.map((file) => file.tokenId));
  const tokenOf = (member: TokenRecord | undefined): Token | undefined => {
    const isOurs = member?.collection === tokenId && member.files === undefined && isGenuine(member, key);
    return isOurs ? signToken(member, key) : undefined;
  };
  const againOf = async (receipt: Receipt): Promise<AgainUntil | undefined> => {
    const chance = openChance(await secondChances?.find(receipt.tokenId), receipt, now);
    const token = tokenOf(chance?.record);
    return chance && token && { token, until: chance.expiresAt };
  };
  const standingOf = async ({ record: member, receipt }: TokenLookup): Promise<FileStanding> => {
    if (receipt?.kind === 'revoked') return { state: 'revoked', at: receipt.at };
    if (receipt !== undefined) {
      const again = await againOf(receipt);
      return { state: 'redeemed', at: receipt.at, ...(again && { again }) };
    }
    const token = tokenOf(member);
    return token === undefined ? { state: 'gone' } : { state: 'live', token };
  };
  const standings = await mapInBatches(members, standingOf);
  return ok({
    record,
    files: files.map((file, index) => ({ ...file, standing: standings[index] ?? { state: 'gone' } })),
  });
}
