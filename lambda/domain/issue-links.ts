import type { Refusal } from './errors.ts';
import type { Repetition } from './idempotency.ts';
import { type EmailAddress, epochSeconds, type PresenceCode, type Token, type TokenId } from './ids.ts';
import { keyEpochOf } from './key-epoch.ts';
import { refundQuota } from './mail-quota.ts';
import { mapInBatches } from './map-in-batches.ts';
import { issuedEntry, mintToken } from './mint-token.ts';
import { deliveryOf, type IssueLinksRequest, type PlanLinksDependencies, planLinks } from './plan-links.ts';
import type {
  IssuePlan,
  IssuePlans,
  Ledger,
  MailQueue,
  Pseudonyms,
  SigningKeys,
  TokenStore,
} from './ports.ts';
import { type PresenceKey, presenceCodeOf } from './presence-code.ts';
import { countedForm } from './quota-rules.ts';
import { sealOf } from './record-seal.ts';
import type { Asset, TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { COLLECTION_TOKEN, signToken } from './token.ts';
import { archiveOf } from './zip.ts';

export interface IssueLinksDependencies extends PlanLinksDependencies {
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'put'>;
  readonly ledger: Ledger;
  readonly queue: Pick<MailQueue, 'send'>;
  readonly plans: IssuePlans;
  readonly pseudonyms: Pseudonyms;
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
  /** Absent if presence codes are turned off. */
  readonly presenceKey?: PresenceKey | undefined;
}

/** Issued link to a file or to the page of a collection. The token is never stored. */
export interface IssuedLink {
  readonly record: TokenRecord;
  readonly token: Token;
  /** The link's presence code, if it requires one. The code is never stored, either. */
  readonly presenceCode?: PresenceCode;
}

/**
 * Issues links for an IAM caller, and returns them with their tokens. The links are pinned to the current version of
 * the file.
 *
 * @param repetition identity of a request with an idempotency key. Every retry within a day returns the same links and
 *   completes whatever an earlier attempt left undone.
 * @throws Unavailable if a service is down. With an idempotency key, a retry continues where the failed request
 *   stopped; without one, the links already minted are lost.
 */
export async function issueLinks(
  deps: IssueLinksDependencies,
  request: IssueLinksRequest,
  repetition?: Repetition,
): Promise<Result<readonly IssuedLink[], Refusal>> {
  const { recipient, notify, presenceCode } = request;
  if (presenceCode && deps.presenceKey === undefined) {
    return fail({ code: 'invalid_request', field: 'presenceCode' });
  }
  const isRefused = (address?: EmailAddress) => address !== undefined && !deps.isAllowedRecipient(address);
  if (isRefused(recipient) || isRefused(notify)) return fail({ code: 'recipient_not_allowed' });
  return repetition === undefined
    ? await issueOnce(deps, request)
    : await issueByName(deps, request, repetition);
}

/** Issues links without an idempotency key. */
async function issueOnce(
  deps: IssueLinksDependencies,
  request: IssueLinksRequest,
): Promise<Result<readonly IssuedLink[], Refusal>> {
  const planned = await planLinks(deps, request);
  if (!planned.ok) return planned;
  const { plan, counters } = planned.value;
  try {
    return ok(await carryOut(deps, request, plan));
  } catch (cause) {
    await refundQuota(deps, counters, plan.tokenIds[0]);
    throw cause;
  }
}

/** Issues links, or resumes an earlier request with the same idempotency key. */
async function issueByName(
  deps: IssueLinksDependencies,
  request: IssueLinksRequest,
  { name, digest }: Repetition,
): Promise<Result<readonly IssuedLink[], Refusal>> {
  let standing = await deps.plans.find(name);
  if (standing === undefined) {
    const planned = await planLinks(deps, request);
    if (!planned.ok) return planned;
    const { plan, counters } = planned.value;
    standing = await deps.plans.settle(name, { ...plan, digest, carriedOut: false });
    // A concurrent request with the same key stored its plan first, so this plan is dropped.
    const [first] = plan.tokenIds;
    if (standing.tokenIds[0] !== first) await refundQuota(deps, counters, first);
  }
  if (standing.digest !== digest) return fail({ code: 'idempotency_key_reused' });
  // Putting the records again could bring back a record whose link has been redeemed in the meantime.
  if (standing.carriedOut) return ok((await linksOf(deps, request, standing)).links);
  const links = await carryOut(deps, request, standing);
  await markOrReport(deps, name, standing);
  return ok(links);
}

/**
 * Puts a plan's records and ledger entries, unless they already exist. The collection's record is written last, because
 * its page hands out the tokens of its files.
 */
async function carryOut(
  deps: IssueLinksDependencies,
  request: IssueLinksRequest,
  issuePlan: IssuePlan,
): Promise<readonly IssuedLink[]> {
  const { links, members } = await linksOf(deps, request, issuePlan);
  const begin = async (record: TokenRecord) => {
    await deps.store.put(record);
    await deps.ledger.append(issuedEntry(record, issuePlan.issuedAt, request));
  };
  await mapInBatches(members, begin);
  await mapInBatches(links, async ({ record }) => {
    await begin(record);
    if (record.recipient !== undefined) await deps.queue.send(record.tokenId);
  });
  return links;
}

/** Links of a plan. A collection's files have only records here, because their tokens are not returned. */
interface PlannedLinks {
  readonly links: readonly IssuedLink[];
  readonly members: readonly TokenRecord[];
}

/** Computes the links of a plan. The same plan always gives the same links. */
async function linksOf(
  { keys, pseudonyms, presenceKey, zipper }: IssueLinksDependencies,
  request: IssueLinksRequest,
  { tokenIds, issuedAt, expiresAt, asset: first, more }: IssuePlan,
): Promise<PlannedLinks> {
  const second = epochSeconds(issuedAt);
  const key = await keys.keyFor(keyEpochOf(second));
  const { caller, open, delivery, allowedCidrs, language, notify, watermarkName, presenceCode } = request;
  const { recipient, recipientName: name, message, secondChance } = request;
  const codeKey = presenceCode && (await presenceKey?.());
  const mailed = recipient !== undefined && {
    recipient: {
      address: recipient,
      pseudonym: await pseudonyms.of('address', countedForm(recipient)),
      ...(name !== undefined && { name }),
      ...(message !== undefined && { message }),
    },
  };
  const recordOf = (
    tokenId: TokenId,
    asset: Asset,
    place: Pick<TokenRecord, 'files' | 'contents' | 'collection'> = {},
  ): TokenRecord => {
    const record = mintToken({
      tokenId,
      asset,
      issuedBy: caller.arn,
      callerId: caller.id,
      issuedAt: second,
      expiresAt,
      open,
      delivery: deliveryOf(asset, delivery),
      ...(allowedCidrs && { allowedCidrs }),
      ...mailed,
      ...((recipient ?? notify) !== undefined && { language }),
      ...(notify !== undefined && { wantsNotice: true }),
      ...(watermarkName !== undefined && { watermarkName }),
      ...(secondChance !== undefined && { secondChance }),
      ...(presenceCode && { presenceCode }),
      ...place,
    });
    return { ...record, seal: sealOf(record, key) };
  };
  const linkTo = (record: TokenRecord): IssuedLink => ({
    record,
    token: signToken(record, key, record.files && COLLECTION_TOKEN),
    ...(codeKey && { presenceCode: presenceCodeOf(record.tokenId, codeKey) }),
  });
  if (more === undefined) {
    return { links: tokenIds.map((tokenId) => linkTo(recordOf(tokenId, first))), members: [] };
  }
  const [collection, ...memberIds] = tokenIds;
  const assets = [first, ...more];
  if (delivery === 'zip') {
    const record = recordOf(collection, archiveOf(zipper, first, more), { contents: assets });
    return { links: [linkTo(record)], members: [] };
  }
  const files = memberIds.map((tokenId, index) => ({ tokenId, asset: assets[index] ?? first }));
  return {
    links: [linkTo(recordOf(collection, first, { files }))],
    members: files.map(({ tokenId, asset }) => recordOf(tokenId, asset, { collection })),
  };
}

/**
 * Marks a plan as carried out. If this fails, a retry of the request carries out the plan again. The retry can bring
 * back a redeemed link's record, which opens nothing because the receipt takes precedence.
 */
async function markOrReport(
  { plans, report }: IssueLinksDependencies,
  name: string,
  standing: IssuePlan,
): Promise<void> {
  try {
    await plans.markCarriedOut(name, standing);
  } catch (cause) {
    report({ incident: 'plan-mark-failed', tokenId: standing.tokenIds[0] }, cause);
  }
}
