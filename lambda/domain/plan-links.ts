import type { AssetName } from './asset-name.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { type Cidr, type EmailAddress, epochSeconds, newTokenId, secondsAfter } from './ids.ts';
import type { Caller } from './issuer.ts';
import type { Language } from './language.ts';
import { countProgramMail, type ProgramMailDependencies } from './mail-quota.ts';
import type { Clock, Counter, FileStore, IssuePlan } from './ports.ts';
import type { Delivery, Opening } from './records.ts';
import { fail, ok, type Result } from './result.ts';

export interface PlanLinksDependencies extends ProgramMailDependencies {
  readonly clock: Clock;
  readonly files: Pick<FileStore, 'head'>;
}

export interface IssueLinksRequest {
  readonly asset: AssetName;
  /** The version that the links are for; absent for the newest one. */
  readonly versionId?: string;
  readonly caller: Caller;
  readonly lifetimeSeconds: number;
  readonly open: Opening;
  readonly delivery: Delivery;
  /** The number of single-use links: 1 to 100, or 1 if there is a recipient. */
  readonly count: number;
  /** Absent if any network may redeem. */
  readonly allowedCidrs?: readonly Cidr[];
  /** The address that the link is mailed to; absent if the caller hands it out. */
  readonly recipient?: EmailAddress;
  /** The name that the mail greets. */
  readonly recipientName?: string;
  /** What the mail says to the recipient, in the issuer's words. */
  readonly message?: string;
  /** The language of mails about the link. */
  readonly language: Language;
  readonly note?: string;
  readonly notify?: EmailAddress;
}

/**
 * Limits the size of a streamed file, in bytes. Lambda sends 200 MB (AWS Lambda Developer Guide, "Response streaming
 * bandwidth"), counted here in the smaller of the two meanings of MB.
 */
export const LARGEST_STREAM = 200_000_000;

/** Represents a plan that has not been carried out yet, with the counters that were charged for it. */
export interface CountedPlan {
  readonly plan: IssuePlan;
  /** To be refunded if the plan is dropped. */
  readonly counters: readonly Counter[];
}

/** Checks the request, counts the mail to the recipient, and decides what the links will be. */
export async function planLinks(
  deps: PlanLinksDependencies,
  { asset, versionId, delivery, count, lifetimeSeconds, recipient, caller }: IssueLinksRequest,
): Promise<Result<CountedPlan, Refusal>> {
  const file = await deps.files.head(asset);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_not_found' } : ARCHIVED);
  if (versionId !== undefined && file.value.versionId !== versionId) return fail({ code: 'asset_changed' });
  if (delivery === 'stream' && file.value.size > LARGEST_STREAM) return fail({ code: 'asset_too_large' });
  const tokenIds = Array.from({ length: count }, () => newTokenId('api'));
  const [first] = tokenIds;
  let counters: readonly Counter[] = [];
  if (recipient !== undefined && first !== undefined) {
    const counted = await countProgramMail(deps, caller.id, first);
    if (!counted.ok) return counted;
    counters = counted.value;
  }
  const issuedAt = deps.clock();
  const expiresAt = secondsAfter(epochSeconds(issuedAt), lifetimeSeconds);
  return ok({ plan: { tokenIds, issuedAt, expiresAt, asset: file.value }, counters });
}
