import type { Refusal } from './errors.ts';
import type { Repetition } from './idempotency.ts';
import { type EmailAddress, epochSeconds, type Token } from './ids.ts';
import { issuedEntry } from './issued-entry.ts';
import { keyEpochOf } from './key-epoch.ts';
import { refundQuota } from './mail-quota.ts';
import { mapInBatches } from './map-in-batches.ts';
import { mintToken } from './mint-token.ts';
import { type IssueLinksRequest, type PlanLinksDependencies, planLinks } from './plan-links.ts';
import type {
  Counter,
  IssuePlan,
  IssuePlans,
  Ledger,
  MailQueue,
  Pseudonyms,
  SigningKeys,
  TokenStore,
} from './ports.ts';
import { countedForm } from './quota-rules.ts';
import { sealOf } from './record-seal.ts';
import type { TokenRecord } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { signToken } from './token.ts';

export interface IssueLinksDependencies extends PlanLinksDependencies {
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'put'>;
  readonly ledger: Ledger;
  readonly queue: Pick<MailQueue, 'send'>;
  readonly plans: IssuePlans;
  readonly pseudonyms: Pseudonyms;
  /** Whether the operator lets this address receive files at all. */
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
}

/** A link as its issuer gets it. The token is never stored. */
export interface IssuedLink {
  readonly record: TokenRecord;
  readonly token: Token;
}

/**
 * Issues links to a trusted program, which gets the tokens in the answer. They are pinned to the version of the file
 * at this moment.
 *
 * @param repetition given when the caller names its request: every repetition within a day then has the same links,
 *   also one that finishes what an earlier one began
 * @throws Unavailable when a service is down: a repetition goes on from there; without one, what was put is lost
 */
export async function issueLinks(
  deps: IssueLinksDependencies,
  request: IssueLinksRequest,
  repetition?: Repetition,
): Promise<Result<readonly IssuedLink[], Refusal>> {
  const { recipient, notify } = request;
  const isRefused = (address?: EmailAddress) => address !== undefined && !deps.isAllowedRecipient(address);
  if (isRefused(recipient) || isRefused(notify)) return fail({ code: 'recipient_not_allowed' });
  return repetition === undefined
    ? await issueOnce(deps, request)
    : await issueByName(deps, request, repetition);
}

/** Issues links that nobody can ask for again. */
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
    await refundMails(deps, plan, counters);
    throw cause;
  }
}

/** Issues links, or carries on where an earlier request of the same name ended. */
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
    // Nothing comes of this plan: another one of the same name stands.
    if (standing.tokenIds[0] !== plan.tokenIds[0]) await refundMails(deps, plan, counters);
  }
  if (standing.digest !== digest) return fail({ code: 'idempotency_key_reused' });
  // What was redeemed since must not be put again.
  if (standing.carriedOut) return ok(await linksOf(deps, request, standing));
  const links = await carryOut(deps, request, standing);
  await markOrReport(deps, name, standing);
  return ok(links);
}

/** Puts everything that a plan says; what is there already stays as it is. */
async function carryOut(
  deps: IssueLinksDependencies,
  request: IssueLinksRequest,
  issuePlan: IssuePlan,
): Promise<readonly IssuedLink[]> {
  const links = await linksOf(deps, request, issuePlan);
  await mapInBatches(links, async ({ record }) => {
    await deps.store.put(record);
    await deps.ledger.append(issuedEntry(record, issuePlan.issuedAt, request));
    if (record.recipient !== undefined) await deps.queue.send(record.tokenId);
  });
  return links;
}

/** The links of a plan: the same ones whenever they are computed. */
async function linksOf(
  { keys, pseudonyms }: IssueLinksDependencies,
  { caller, open, delivery, allowedCidrs, recipient, language, notify }: IssueLinksRequest,
  { tokenIds, issuedAt, expiresAt, asset }: IssuePlan,
): Promise<readonly IssuedLink[]> {
  const second = epochSeconds(issuedAt);
  const key = await keys.keyFor(keyEpochOf(second));
  const mailed = recipient !== undefined && {
    recipient: { address: recipient, pseudonym: await pseudonyms.of('address', countedForm(recipient)) },
  };
  return tokenIds.map((tokenId) => {
    const record = mintToken({
      tokenId,
      asset,
      issuedBy: caller.arn,
      callerId: caller.id,
      issuedAt: second,
      expiresAt,
      open,
      delivery,
      ...(allowedCidrs && { allowedCidrs }),
      ...mailed,
      ...((recipient ?? notify) !== undefined && { language }),
      ...(notify !== undefined && { wantsNotice: true }),
    });
    return { record: { ...record, seal: sealOf(record, key) }, token: signToken(record, key) };
  });
}

async function refundMails(
  deps: IssueLinksDependencies,
  { tokenIds: [tokenId] }: IssuePlan,
  counters: readonly Counter[],
): Promise<void> {
  if (tokenId !== undefined) await refundQuota(deps, counters, tokenId);
}

/** A plan that is not marked is carried out again, which changes nothing but the time it takes. */
async function markOrReport(
  { plans, report }: IssueLinksDependencies,
  name: string,
  standing: IssuePlan,
): Promise<void> {
  const [tokenId] = standing.tokenIds;
  try {
    await plans.markCarriedOut(name, standing);
  } catch (cause) {
    if (tokenId !== undefined) report({ incident: 'plan-mark-failed', tokenId }, cause);
  }
}
