import type { AssetName } from './asset-name.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { type Cidr, type EmailAddress, epochSeconds, newTokenId, secondsAfter } from './ids.ts';
import type { Language } from './language.ts';
import type { Clock, Counter, FileStore, IssuePlan, Quota, Report } from './ports.ts';
import { deploymentCounter, type QuotaLimits } from './quota-rules.ts';
import type { Delivery, Issuer, Opening } from './records.ts';
import { fail, ok, type Result } from './result.ts';

export interface PlanLinksDependencies {
  readonly clock: Clock;
  readonly files: Pick<FileStore, 'head'>;
  readonly quota: Quota;
  readonly limits: Pick<QuotaLimits, 'mailsPerDay'>;
  readonly report: Report;
}

export interface IssueLinksRequest {
  readonly asset: AssetName;
  readonly issuedBy: Issuer;
  readonly lifetimeSeconds: number;
  readonly open: Opening;
  readonly delivery: Delivery;
  /** How many single-use links: 1 to 100, and 1 when there is a recipient. */
  readonly count: number;
  /** Absent for everywhere. */
  readonly allowedCidrs?: readonly Cidr[];
  /** To whom the link is mailed; absent when the caller hands it out. */
  readonly recipient?: EmailAddress;
  /** What mails about it are written in. */
  readonly language: Language;
  readonly note?: string;
  readonly notify?: EmailAddress;
}

/**
 * What the platform streams at most, in bytes: Lambda sends 200 MB (AWS Lambda Developer Guide, "Response streaming
 * bandwidth"), counted here in the smaller of the two units that MB may mean.
 */
export const LARGEST_STREAM = 200_000_000;

/** Checks what can be checked, counts the mail, and decides what the links will be. */
export async function planLinks(
  deps: PlanLinksDependencies,
  request: IssueLinksRequest,
): Promise<Result<IssuePlan, Refusal>> {
  const { asset, delivery, count, lifetimeSeconds } = request;
  const file = await deps.files.head(asset);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_not_found' } : ARCHIVED);
  if (delivery === 'stream' && file.value.size > LARGEST_STREAM) return fail({ code: 'asset_too_large' });
  const mails = mailCounter(deps, request);
  if (mails !== undefined) {
    const counted = await deps.quota.take(mails);
    if (!counted.taken) return fail({ code: 'unavailable', retryAfterSeconds: counted.retryAfterSeconds });
  }
  const issuedAt = deps.clock();
  return ok({
    tokenIds: Array.from({ length: count }, newTokenId),
    issuedAt,
    expiresAt: secondsAfter(epochSeconds(issuedAt), lifetimeSeconds),
    asset: file.value,
  });
}

/** The mails that a request leads to: one to the recipient, and a notice for each link. */
function mailCounter(
  { limits }: PlanLinksDependencies,
  { recipient, notify, count }: IssueLinksRequest,
): Counter | undefined {
  const hits = (recipient === undefined ? 0 : 1) + (notify === undefined ? 0 : count);
  return hits === 0 ? undefined : { ...deploymentCounter(limits), hits };
}

/** Nothing comes of a plan: another of the same name stands, or it could not be carried out. */
export async function takeBackMails(
  deps: PlanLinksDependencies,
  request: IssueLinksRequest,
  { tokenIds: [tokenId] }: IssuePlan,
): Promise<void> {
  const { quota, report } = deps;
  const mails = mailCounter(deps, request);
  if (mails === undefined || tokenId === undefined) return;
  try {
    await quota.giveBack(mails);
  } catch (cause) {
    report({ incident: 'quota-return-failed', tokenId }, cause);
  }
}
