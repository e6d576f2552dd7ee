import type { ErrorCode, Refusal } from '../domain/errors.ts';
import { timestamp } from '../domain/timestamp.ts';

interface Row {
  readonly status: number;
  readonly title: string;
}

/** Maps every expected failure to its HTTP status. A missing row does not compile. */
const problems = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_token: { status: 400, title: 'This is not a link of ours' },
  disposable_address: { status: 400, title: 'Disposable addresses cannot receive files' },
  not_authenticated: { status: 401, title: 'A valid bearer token is required' },
  token_redeemed: { status: 403, title: 'This link was already redeemed' },
  token_revoked: { status: 403, title: 'This link was revoked' },
  token_unknown: { status: 403, title: 'This link is not redeemable' },
  not_allowed_from_here: { status: 403, title: 'This link cannot be opened from this network' },
  recipient_not_allowed: { status: 403, title: 'This address may not receive files' },
  prefetch_refused: { status: 403, title: 'Links are not opened ahead of time' },
  cross_site_refused: { status: 403, title: 'Pages of other sites may not send this request' },
  asset_not_found: { status: 404, title: 'There is no file of this name' },
  asset_missing: { status: 404, title: 'The file is no longer on offer' },
  asset_changed: { status: 404, title: 'The file is no longer the one this link was issued for' },
  not_found: { status: 404, title: 'Nothing is here' },
  token_expired: { status: 410, title: 'This link has expired' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'Send JSON or a form' },
  range_refused: { status: 416, title: 'A link that is redeemed once gives the whole file or nothing' },
  already_published: { status: 409, title: 'The file is published and can no longer be cancelled' },
  not_published: { status: 409, title: 'The file is not published, or not yet' },
  not_parked: { status: 409, title: 'The upload does not wait for a decision' },
  upload_incomplete: { status: 409, title: 'The file has not arrived completely' },
  upload_ended: { status: 409, title: 'This upload has ended' },
  too_many_files: { status: 409, title: 'The link takes no more files' },
  upload_too_large: { status: 413, title: 'The file is larger than uploads may be' },
  type_not_allowed: { status: 422, title: 'Files of this type are not accepted' },
  asset_too_large: { status: 422, title: 'The file is too large to be streamed' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key belongs to another request' },
  quota_exceeded: { status: 429, title: 'Too many requests for now' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Not available right now' },
} as const satisfies Record<ErrorCode, Row>;

/** Describes an answer in the shape of RFC 9457, with a stable `code`. It contains nothing that the caller sent. */
export interface Problem extends Row {
  readonly type: string;
  readonly code: ErrorCode;
  /** The part of the request at fault. */
  readonly field?: string;
  /** The limit of uploads that is reached. */
  readonly limit?: string;
  /** When the token was redeemed, revoked or expired; RFC 3339, UTC. */
  readonly redeemedAt?: string;
  readonly revokedAt?: string;
  readonly expiredAt?: string;
}

/** Returns the HTTP status of a refusal. */
export function statusOf({ code }: Refusal): number {
  return problems[code].status;
}

/** Returns the problem document of a refusal. */
export function problemOf(refusal: Refusal, status = statusOf(refusal)): Problem {
  const { title } = problems[refusal.code];
  return {
    type: `urn:problem-type:tvm:${refusal.code}`,
    title,
    status,
    code: refusal.code,
    ...detailsOf(refusal),
  };
}

/** Returns the seconds to wait before a retry, if waiting helps. */
export function retryAfterOf(refusal: Refusal): number | undefined {
  return 'retryAfterSeconds' in refusal ? refusal.retryAfterSeconds : undefined;
}

function detailsOf(
  refusal: Refusal,
): Pick<Problem, 'field' | 'limit' | 'redeemedAt' | 'revokedAt' | 'expiredAt'> {
  switch (refusal.code) {
    case 'invalid_request':
      return { field: refusal.field };
    case 'quota_exceeded':
      return refusal.limit === undefined ? {} : { limit: refusal.limit };
    case 'token_redeemed':
      return { redeemedAt: timestamp(refusal.at) };
    case 'token_revoked':
      return { revokedAt: timestamp(refusal.at) };
    case 'token_expired':
      return { expiredAt: timestamp(refusal.at) };
    default:
      return {};
  }
}
