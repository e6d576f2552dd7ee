/*
 * The parts of the product that operators' tools may use: its rules, its parsers, and two adapters. cli/ imports no
 * other file of lambda/, so all other files can change without affecting cli/. The adapters are imported only when they
 * are opened, because most commands do not need them and the AWS SDK is slow to load.
 */
import type { DynamoTokenStore } from './adapters/dynamo-token-store.ts';
import type { KmsPseudonyms } from './adapters/kms-pseudonyms.ts';

export { entryOf, type LedgerRow } from './adapters/ledger-rows.ts';
export { type AssetName, isPrivate, keyOf, parseAssetName } from './domain/asset-name.ts';
export { type DescribeDependencies, describeLink, type LinkDescription } from './domain/describe-link.ts';
export { Unavailable } from './domain/errors.ts';
export {
  type EmailAddress,
  epochSeconds,
  type Pseudonym,
  parseTokenId,
  type TokenId,
} from './domain/ids.ts';
export { LANGUAGES, type Language } from './domain/language.ts';
export { LIFETIME } from './domain/lifetime.ts';
export type { TokenStore } from './domain/ports.ts';
export { countedForm } from './domain/quota-rules.ts';
export {
  type LedgerEntry,
  LONGEST_MESSAGE,
  LONGEST_NAME,
  type Receipt,
  type TokenRecord,
  type TokenState,
} from './domain/records.ts';
export { fail, ok, type Result } from './domain/result.ts';
export { BACKUP_WINDOW_SECONDS } from './domain/retention.ts';
export { MOST_REISSUES, SECOND_CHANCE_SECONDS } from './domain/second-chance.ts';
export { timestamp } from './domain/timestamp.ts';
export { COLLECTION_TOKEN, parseToken } from './domain/token.ts';
export { tokenState } from './domain/token-state.ts';
export { PLAIN_LINE, UNSAFE_CHARACTERS } from './domain/unsafe-characters.ts';
export { LINK_LIFETIME, type LinkStep, MOST_FILES } from './domain/upload-links/upload-link.ts';
export type { Step as UploadStep } from './domain/uploads/upload.ts';
export { parseEmailAddress } from './http/address.ts';
export { parseCidr } from './http/cidr.ts';

export async function openTokenStore(
  ...settings: ConstructorParameters<typeof DynamoTokenStore>
): Promise<DynamoTokenStore> {
  const adapter = await import('./adapters/dynamo-token-store.ts');
  return new adapter.DynamoTokenStore(...settings);
}

export async function openPseudonyms(
  ...settings: ConstructorParameters<typeof KmsPseudonyms>
): Promise<KmsPseudonyms> {
  const adapter = await import('./adapters/kms-pseudonyms.ts');
  return new adapter.KmsPseudonyms(...settings);
}
