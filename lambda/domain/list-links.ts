import type { AssetName } from './asset-name.ts';
import { type DescribeDependencies, describeLink, type LinkDescription } from './describe-link.ts';
import type { Refusal } from './errors.ts';
import { type EmailAddress, epochSeconds } from './ids.ts';
import type { Reach } from './issuer.ts';
import { openCursor, sealCursor } from './list-cursor.ts';
import { mapInBatches } from './map-in-batches.ts';
import type { LinkFilter, LinkHistory, Pseudonyms, SigningKeys } from './ports.ts';
import { countedForm } from './quota-rules.ts';
import { fail, ok, type Result } from './result.ts';

export interface ListDependencies extends DescribeDependencies {
  readonly history: LinkHistory;
  readonly keys: SigningKeys;
  readonly pseudonyms: Pseudonyms;
}

export interface ListRequest {
  readonly asset?: AssetName;
  /** Address to filter by. Other spellings known to reach the same mailbox match as well ({@link countedForm}). */
  readonly recipient?: EmailAddress;
  /** Maximum number of links per page: 1 to 100. */
  readonly limit: number;
  /** Cursor from an earlier page of the same list. */
  readonly cursor?: string;
}

/** Page of links, newest first. */
export interface LinkPage {
  readonly links: readonly LinkDescription[];
  /** Cursor of the next page; absent on the last page. */
  readonly cursor?: string;
}

/**
 * Lists the links that the caller may access. Links issued in the meantime come before the first page, so they do not
 * shift later pages.
 */
export async function listLinks(
  deps: ListDependencies,
  { asset, recipient, limit, cursor }: ListRequest,
  reach: Reach,
): Promise<Result<LinkPage, Refusal>> {
  const now = deps.clock();
  const second = epochSeconds(now);
  const filter: LinkFilter = {
    ...(asset !== undefined && { asset }),
    ...(recipient !== undefined && {
      pseudonym: await deps.pseudonyms.of('address', countedForm(recipient)),
    }),
    ...(reach.kind === 'own' && { callerId: reach.callerId }),
  };
  const list = JSON.stringify(filter);
  const after = cursor === undefined ? undefined : await openCursor(deps.keys, cursor, list, second);
  if (cursor !== undefined && after === undefined) return fail({ code: 'invalid_request', field: 'cursor' });

  const page = await deps.history.issuedLinks(filter, { limit, now, ...(after !== undefined && { after }) });
  const described = await mapInBatches(page.links, ({ tokenId }) => describeLink(deps, tokenId, reach));
  return ok({
    links: described.flatMap((one) => (one.ok ? [one.value] : [])),
    ...(page.next !== undefined && { cursor: await sealCursor(deps.keys, page.next, list, second) }),
  });
}
