import type { AssetName } from './asset-name.ts';
import { ARCHIVED, type Refusal } from './errors.ts';
import { type Cidr, type EmailAddress, epochSeconds, newTokenId, secondsAfter } from './ids.ts';
import type { Caller } from './issuer.ts';
import type { Language } from './language.ts';
import { countProgramMail, type ProgramMailDependencies } from './mail-quota.ts';
import { mapInBatches } from './map-in-batches.ts';
import type { Clock, Counter, FileStore, IssuePlan } from './ports.ts';
import type { Asset, Delivery, Opening } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { namesOn, type Stamper, stampFile } from './watermark.ts';
import { archiveOf, type Zipper } from './zip.ts';

export interface PlanLinksDependencies extends ProgramMailDependencies {
  readonly clock: Clock;
  readonly files: Pick<FileStore, 'head' | 'open'>;
  /** Absent if watermarks are turned off. */
  readonly stamper?: Stamper | undefined;
  /** Absent if second chances are turned off. */
  readonly secondChance?: 'on' | undefined;
  readonly zipper: Zipper;
}

export interface IssueLinksRequest {
  readonly asset: AssetName;
  /** Additional files behind the same link: on the page of a collection, or in one archive if the delivery is `zip`. */
  readonly more?: readonly AssetName[];
  /** Expected version of the file; absent for the newest version. */
  readonly versionId?: string;
  readonly caller: Caller;
  readonly lifetimeSeconds: number;
  readonly open: Opening;
  readonly delivery: Delivery;
  /** Number of links: 1 to 100, but only 1 if there is a recipient. */
  readonly count: number;
  /** Absent if the link can be redeemed from any network. */
  readonly allowedCidrs?: readonly Cidr[];
  /** Address that the link is mailed to; absent if the caller hands out the link. */
  readonly recipient?: EmailAddress;
  /** Recipient's name in the salutation of the e-mail. */
  readonly recipientName?: string;
  /** Issuer's message to the recipient, shown in the e-mail. */
  readonly message?: string;
  /** Language of e-mails about the link. */
  readonly language: Language;
  readonly note?: string;
  readonly notify?: EmailAddress;
  /** Name shown in the watermark, before the recipient's address if there is one. */
  readonly watermarkName?: string;
  /** Whether the link has a second chance; absent for the default. */
  readonly secondChance?: boolean;
  /** Whether the link requires a presence code, which the caller passes on separately. */
  readonly presenceCode?: true;
}

/**
 * Largest streamed file, in bytes. Lambda sends at most 200 MB (AWS Lambda Developer Guide, "Response streaming
 * bandwidth"). To be safe, we assume that a megabyte is 1,000,000 bytes.
 */
export const LARGEST_STREAM = 200_000_000;

/** Plan that has not been carried out yet, with the counters in which its e-mail was counted. */
export interface CountedPlan {
  readonly plan: IssuePlan;
  /** Counters to refund if the plan is dropped. */
  readonly counters: readonly Counter[];
}

/** Returns how a file is delivered: as requested, unless the file's tag requires a watermark. */
export function deliveryOf({ watermark }: Asset, requested: Delivery): Delivery {
  return watermark ? 'watermark' : requested;
}

/** Checks the request, counts the e-mail to the recipient, and plans the links. */
export async function planLinks(
  deps: PlanLinksDependencies,
  request: IssueLinksRequest,
): Promise<Result<CountedPlan, Refusal>> {
  const { more, count, lifetimeSeconds, recipient, caller } = request;
  // Even `false` is refused, because it would take effect once second chances are turned on.
  if (request.secondChance !== undefined && deps.secondChance === undefined) {
    return fail({ code: 'invalid_request', field: 'secondChance' });
  }
  const checked = await checkFiles(deps, request);
  if (!checked.ok) return checked;
  const { asset, more: moreAssets } = checked.value;
  const isZip = request.delivery === 'zip' && moreAssets !== undefined;
  if (isZip && archiveOf(deps.zipper, asset, moreAssets).size > LARGEST_STREAM) {
    return fail({ code: 'asset_too_large' });
  }
  // One token ID for the collection, and one for each of its files.
  const drawn = more === undefined || isZip ? count : 1 + 1 + more.length;
  const first = newTokenId('api');
  const others = Array.from({ length: drawn - 1 }, () => newTokenId('api'));
  let counters: readonly Counter[] = [];
  if (recipient !== undefined) {
    const counted = await countProgramMail(deps, caller.id, first);
    if (!counted.ok) return counted;
    counters = counted.value;
  }
  const issuedAt = deps.clock();
  const expiresAt = secondsAfter(epochSeconds(issuedAt), lifetimeSeconds);
  return ok({ plan: { tokenIds: [first, ...others], issuedAt, expiresAt, ...checked.value }, counters });
}

/** Runs {@link checkFile} for every file of a request. A refusal contains the position of the first file at fault. */
async function checkFiles(
  deps: PlanLinksDependencies,
  request: IssueLinksRequest,
): Promise<Result<Pick<IssuePlan, 'asset' | 'more'>, Refusal>> {
  const first = await checkFile(deps, request);
  if (request.more === undefined) return first.ok ? ok({ asset: first.value }) : first;
  if (!first.ok) return fail({ ...first.error, position: 1 });
  const checked = await mapInBatches(request.more, (asset) => checkFile(deps, { ...request, asset }));
  const more: Asset[] = [];
  for (const file of checked) {
    if (!file.ok) return fail({ ...file.error, position: more.length + 2 });
    more.push(file.value);
  }
  return ok({ asset: first.value, more });
}

/** Checks that the file exists and can be delivered as requested, and returns its description for the record. */
async function checkFile(
  deps: PlanLinksDependencies,
  request: IssueLinksRequest,
): Promise<Result<Asset, Refusal>> {
  const { asset, versionId } = request;
  const file = await deps.files.head(asset);
  if (!file.ok) return fail(file.error === 'missing' ? { code: 'asset_not_found' } : ARCHIVED);
  if (versionId !== undefined && file.value.versionId !== versionId) return fail({ code: 'asset_changed' });
  const delivery = deliveryOf(file.value, request.delivery);
  if (delivery === 'stream' && file.value.size > LARGEST_STREAM) return fail({ code: 'asset_too_large' });
  // Stamping many files to check them would take too long.
  if (delivery === 'watermark' && request.more) return fail({ code: 'invalid_request', field: 'assets' });
  const unstampable = delivery === 'watermark' && (await tryStamp(deps, file.value, request));
  if (unstampable) return fail(unstampable);
  const { sha256, ...copied } = file.value;
  // The checksum of the original does not apply to a stamped copy.
  return ok(delivery === 'watermark' || sha256 === undefined ? copied : file.value);
}

/**
 * Tries to stamp the file, so that files or names that cannot be stamped are refused before a link is issued.
 *
 * @returns the refusal, or `undefined` if the file can be stamped
 */
async function tryStamp(
  { files, stamper, clock }: PlanLinksDependencies,
  { name, versionId }: Asset,
  { recipient, watermarkName }: IssueLinksRequest,
): Promise<Refusal | undefined> {
  if (stamper === undefined) return { code: 'invalid_request', field: 'watermark' };
  const opened = await files.open(name);
  if (!opened.ok) return opened.error === 'missing' ? { code: 'asset_not_found' } : ARCHIVED;
  const file = opened.value;
  try {
    if (file.asset.versionId !== versionId) return { code: 'asset_changed' };
    const mark = { names: namesOn(watermarkName, recipient), tokenId: newTokenId('api'), at: clock() };
    const stamped = await stampFile(stamper, file, mark);
    if (!stamped.ok) return stamped.error;
    // Stamping unpacks a PDF, which can grow to many times its size.
    return stamped.value.file.asset.size > LARGEST_STREAM ? { code: 'pdf_too_large' } : undefined;
  } finally {
    file.abort();
  }
}
