import type { Refusal } from '../errors.ts';
import type { Repetition } from '../idempotency.ts';
import {
  type CallerId,
  type EmailAddress,
  epochSeconds,
  newLinkId,
  secondsAfter,
  type Tenant,
  type Token,
} from '../ids.ts';
import { keyEpochOf } from '../key-epoch.ts';
import { countProgramMail, type ProgramMailDependencies, refundQuota } from '../mail-quota.ts';
import type { Clock, SigningKeys } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { signToken, UPLOAD_TOKEN } from '../token.ts';
import type { UploadLimits } from '../uploads/open-upload.ts';
import type { LinkMailQueue, UploadLinkHistory, UploadLinks } from './ports.ts';
import { lineOfLink } from './rewrite-link.ts';
import { claimsOf, namedLinkId, type UploadLink } from './upload-link.ts';

export interface InviteDependencies extends ProgramMailDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly links: Pick<UploadLinks, 'open' | 'find'>;
  readonly linkHistory: Pick<UploadLinkHistory, 'append'>;
  readonly queue: LinkMailQueue;
  readonly uploadLimits: Pick<UploadLimits, 'mostBytes' | 'types'>;
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
}

export interface InviteRequest
  extends Pick<UploadLink, 'tenant' | 'inviter' | 'purpose' | 'to' | 'notify' | 'mostFiles' | 'language'> {
  /** @default the operator's limit */
  readonly mostBytes?: number;
  /** @default all types that the operator allows */
  readonly types?: readonly string[];
  readonly lifetimeSeconds: number;
}

/** Issued upload link. The token is never stored. */
export interface Invitation {
  readonly link: UploadLink;
  readonly token: Token;
}

/**
 * Returns the ID under which a tenant's e-mails are counted. For an IAM caller, this is its caller ID, under which
 * its other e-mails are also counted.
 */
export function mailerOf(tenant: Tenant): CallerId {
  return tenant.replace(/^iam:/, '') as CallerId;
}

/**
 * Issues an upload link, and queues the invitation if there is a recipient.
 *
 * @param repetition identity of a request with an idempotency key. A retry returns the same link, and queues the
 *   invitation again, in case it was not queued before.
 */
export async function invite(
  deps: InviteDependencies,
  request: InviteRequest,
  repetition?: Repetition,
): Promise<Result<Invitation, Refusal>> {
  const { uploadLimits, links } = deps;
  const { mostBytes = uploadLimits.mostBytes, types = [...uploadLimits.types] } = request;
  if (mostBytes > uploadLimits.mostBytes) return fail({ code: 'upload_too_large' });
  if (types.some((type) => !uploadLimits.types.has(type))) return fail({ code: 'type_not_allowed' });
  const refused = [request.to, request.notify].some(
    (address) => address !== undefined && !deps.isAllowedRecipient(address),
  );
  if (refused) return fail({ code: 'recipient_not_allowed' });

  const linkId = repetition === undefined ? newLinkId() : namedLinkId(repetition.name);
  let link = repetition === undefined ? undefined : await links.find(linkId);
  if (link === undefined) {
    const isMailed = request.to !== undefined;
    const counted = isMailed ? await countProgramMail(deps, mailerOf(request.tenant), linkId) : ok([]);
    if (!counted.ok) return counted;
    const fresh = freshLink({ ...request, mostBytes, types }, linkId, deps.clock(), repetition?.digest);
    try {
      link = await links.open(fresh);
    } catch (cause) {
      await refundQuota(deps, counted.value, linkId);
      throw cause;
    }
    // A concurrent request with the same key stored its link first.
    if (link !== fresh) await refundQuota(deps, counted.value, linkId);
  }
  if (link.digest !== repetition?.digest) return fail({ code: 'idempotency_key_reused' });
  await deps.linkHistory.append(lineOfLink(link));
  // The invitation is queued on every retry, but the mail function sends it only once.
  if (link.to !== undefined) await deps.queue.sendLinkMail(linkId, 'invite');
  return ok({ link, token: await uploadTokenOf(deps, link) });
}

function freshLink(
  { lifetimeSeconds, ...terms }: InviteRequest & Required<Pick<InviteRequest, 'mostBytes' | 'types'>>,
  linkId: UploadLink['linkId'],
  now: Date,
  digest: string | undefined,
): UploadLink {
  const issuedAt = epochSeconds(now);
  return {
    ...terms,
    linkId,
    issuedAt,
    keyEpoch: keyEpochOf(issuedAt),
    expiresAt: secondsAfter(issuedAt, lifetimeSeconds),
    state: 'open',
    files: [],
    told: false,
    revision: 0,
    step: { event: 'invited' },
    changedAt: now,
    ...(digest !== undefined && { digest }),
  };
}

/** Computes the token of a link. The same link always gives the same token. */
export async function uploadTokenOf(
  { keys }: { readonly keys: SigningKeys },
  link: UploadLink,
): Promise<Token> {
  return signToken(claimsOf(link), await keys.keyFor(link.keyEpoch), UPLOAD_TOKEN);
}
