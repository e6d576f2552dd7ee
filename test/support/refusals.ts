import type { ErrorCode, RefusalOf } from '../../lambda/domain/errors.ts';
import { secondsAt } from './values.ts';

const at = secondsAt('2026-11-23T18:05:42Z');

/** A refusal for every code, with all of its optional members. A missing code does not compile. */
export const refusals: { readonly [Code in ErrorCode]: RefusalOf<Code> } = {
  invalid_request: { code: 'invalid_request', field: 'email' },
  invalid_token: { code: 'invalid_token' },
  disposable_address: { code: 'disposable_address' },
  token_redeemed: { code: 'token_redeemed', at, renewal: 'offered' },
  token_revoked: { code: 'token_revoked', at },
  token_unknown: { code: 'token_unknown' },
  token_expired: { code: 'token_expired', at, renewal: 'offered' },
  not_allowed_from_here: { code: 'not_allowed_from_here' },
  recipient_not_allowed: { code: 'recipient_not_allowed' },
  asset_too_large: { code: 'asset_too_large' },
  idempotency_key_reused: { code: 'idempotency_key_reused' },
  range_refused: { code: 'range_refused' },
  use_proxy: { code: 'use_proxy', address: 'https://files.example.org/redeem' },
  prefetch_refused: { code: 'prefetch_refused' },
  cross_site_refused: { code: 'cross_site_refused' },
  asset_not_found: { code: 'asset_not_found' },
  asset_missing: { code: 'asset_missing' },
  asset_changed: { code: 'asset_changed' },
  proof_required: { code: 'proof_required', retryAfterSeconds: 60 },
  proof_refused: { code: 'proof_refused' },
  not_found: { code: 'not_found' },
  payload_too_large: { code: 'payload_too_large' },
  unsupported_media_type: { code: 'unsupported_media_type' },
  not_authenticated: { code: 'not_authenticated' },
  upload_too_large: { code: 'upload_too_large' },
  type_not_allowed: { code: 'type_not_allowed' },
  upload_incomplete: { code: 'upload_incomplete' },
  too_many_files: { code: 'too_many_files' },
  upload_ended: { code: 'upload_ended' },
  already_published: { code: 'already_published' },
  not_published: { code: 'not_published' },
  not_parked: { code: 'not_parked' },
  quota_exceeded: { code: 'quota_exceeded', retryAfterSeconds: 1234 },
  unavailable: { code: 'unavailable', retryAfterSeconds: 5 },
  internal_error: { code: 'internal_error' },
};
