import type { ErrorCode, Refusal } from '../domain/errors.ts';
import { timestamp } from '../domain/timestamp.ts';

/** HTTP status and title of every expected failure. If a row is missing, the code does not compile. */
const problems = {
  invalid_request: [400, 'The request is not valid'],
  invalid_token: [400, 'This is not a valid link'],
  disposable_address: [400, 'Disposable addresses cannot receive files'],
  not_authenticated: [401, 'A valid bearer token is required'],
  token_redeemed: [403, 'This link was already redeemed'],
  token_revoked: [403, 'This link was revoked'],
  code_required: [403, 'This link requires a code'],
  wrong_code: [403, 'The code is wrong'],
  token_unknown: [403, 'This link cannot be redeemed'],
  not_allowed_from_here: [403, 'This link cannot be opened from this network'],
  recipient_not_allowed: [403, 'This address is not allowed to receive files'],
  proof_refused: [403, 'The proof of work is not valid'],
  prefetch_refused: [403, 'Links cannot be prefetched'],
  cross_site_refused: [403, 'Pages on other sites are not allowed to send this request'],
  asset_not_found: [404, 'File not found'],
  asset_missing: [404, 'The file is no longer available'],
  asset_changed: [404, 'The file is no longer the one this link was issued for'],
  not_found: [404, 'Nothing is here'],
  already_published: [409, 'The file is published and can no longer be cancelled'],
  not_published: [409, 'The file is not published'],
  not_parked: [409, 'The upload is not waiting for a decision'],
  upload_incomplete: [409, 'The file has not fully arrived'],
  upload_ended: [409, 'This upload has ended'],
  too_many_files: [409, 'The link accepts no more files'],
  token_expired: [410, 'This link has expired'],
  payload_too_large: [413, 'The request is too large'],
  upload_too_large: [413, 'The file is too large to upload'],
  unsupported_media_type: [415, 'Send JSON or a form'],
  range_refused: [416, 'This link delivers only the whole file'],
  use_proxy: [421, 'This file is delivered from another address'],
  type_not_allowed: [422, 'Files of this type are not accepted'],
  asset_too_large: [422, 'The file is too large to be streamed'],
  pdf_encrypted: [422, 'The PDF is encrypted and cannot be stamped'],
  pdf_signed: [422, 'The PDF is signed, and a stamp would break its signature'],
  pdf_unreadable: [422, 'The file is not a PDF that can be read and stamped'],
  pdf_too_large: [422, 'The file is too large to be stamped'],
  pdf_too_complex: [422, 'Stamping the file takes too much time or memory'],
  name_unprintable: [422, 'The watermark cannot show this name'],
  idempotency_key_reused: [422, 'This Idempotency-Key belongs to another request'],
  quota_exceeded: [429, 'Too many requests'],
  proof_required: [429, 'This request needs a proof of work'],
  internal_error: [500, 'Something went wrong on our side'],
  unavailable: [503, 'Not available right now'],
} as const satisfies Record<ErrorCode, readonly [status: number, title: string]>;

/** Problem document (RFC 9457) with a stable `code`. It repeats no input. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** Part of the request that is at fault. */
  readonly field?: string;
  /** Position of the file at fault, counted from 1, if the field lists several files. */
  readonly position?: number;
  /** Upload limit that was reached. */
  readonly limit?: string;
  /** Number of attempts left to enter the code. */
  readonly attemptsLeft?: number;
  /** Address at which the link works, without its token. */
  readonly address?: string;
  /** Time at which the token was redeemed, revoked, or expired; RFC 3339, UTC. */
  readonly redeemedAt?: string;
  readonly revokedAt?: string;
  readonly expiredAt?: string;
}

export function statusOf({ code }: Refusal): number {
  return problems[code][0];
}

export function problemOf(refusal: Refusal, status = statusOf(refusal)): Problem {
  const [, title] = problems[refusal.code];
  return {
    type: `urn:problem-type:tvm:${refusal.code}`,
    title,
    status,
    code: refusal.code,
    ...detailsOf(refusal),
  };
}

/** Returns the number of seconds to wait before a retry, if a retry can succeed. */
export function retryAfterOf(refusal: Refusal): number | undefined {
  return 'retryAfterSeconds' in refusal ? refusal.retryAfterSeconds : undefined;
}

function detailsOf(
  refusal: Refusal,
): Pick<
  Problem,
  'field' | 'position' | 'limit' | 'attemptsLeft' | 'address' | 'redeemedAt' | 'revokedAt' | 'expiredAt'
> {
  const position = 'position' in refusal ? refusal.position : undefined;
  const file = position === undefined ? {} : { field: 'assets', position };
  switch (refusal.code) {
    case 'invalid_request':
      return { field: refusal.field, ...file };
    case 'quota_exceeded':
      return refusal.limit === undefined ? {} : { limit: refusal.limit };
    case 'wrong_code':
      return { attemptsLeft: refusal.attemptsLeft };
    case 'use_proxy':
      return { address: refusal.address };
    case 'token_redeemed':
      return { redeemedAt: timestamp(refusal.at) };
    case 'token_revoked':
      return { revokedAt: timestamp(refusal.at) };
    case 'token_expired':
      return { expiredAt: timestamp(refusal.at) };
    default:
      return file;
  }
}
