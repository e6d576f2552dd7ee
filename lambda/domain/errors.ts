import type { EpochSeconds } from './ids.ts';

/** Names the part of a request that was refused. The answer names it and never repeats its value. */
export type Field =
  | 'body'
  | 'query'
  | 'email'
  | 'asset'
  | 'token'
  | 'expiresIn'
  | 'open'
  | 'delivery'
  | 'allowedCidrs'
  | 'recipient'
  | 'recipientName'
  | 'message'
  | 'count'
  | 'note'
  | 'notify'
  | 'reveal'
  | 'tokenId'
  | 'limit'
  | 'cursor'
  | 'Idempotency-Key'
  | 'fileName'
  | 'size'
  | 'type'
  | 'sha256'
  | 'crc64nvme'
  | 'partNumbers'
  | 'uploadId'
  | 'objectId'
  | 'state'
  | 'for'
  | 'to'
  | 'files'
  | 'maxBytes'
  | 'types'
  | 'linkId'
  | 'proof'
  | 'watermark'
  | 'watermarkName'
  | 'secondChance'
  | 'assets'
  | 'code'
  | 'presenceCode';

/**
 * Tells whether the holder of an ended link can get a new one with one press. Only links requested by mail can be
 * renewed.
 */
export type Renewal = 'offered' | 'none';

/** Tells which of several files is at fault. */
interface OfFile {
  /** The place in `assets`, counted from 1. */
  readonly position?: number;
}

/** Lists every expected failure. `code` is stable: clients switch on it (RFC 9457 answers carry it). */
export type Refusal =
  | ({ readonly code: 'invalid_request'; readonly field: Field } & OfFile)
  | { readonly code: 'invalid_token' }
  | { readonly code: 'disposable_address' }
  | { readonly code: 'token_redeemed'; readonly at: EpochSeconds; readonly renewal: Renewal }
  | {
      readonly code: 'token_revoked';
      readonly at: EpochSeconds;
      /** Set if nobody revoked it, but too many wrong codes were tried. */
      readonly reason?: 'wrong-codes';
    }
  /** The link asks for its presence code, and the request had none. */
  | { readonly code: 'code_required' }
  | { readonly code: 'wrong_code'; readonly attemptsLeft: number }
  | { readonly code: 'token_unknown' }
  | { readonly code: 'not_allowed_from_here' }
  | { readonly code: 'recipient_not_allowed' }
  | { readonly code: 'token_expired'; readonly at: EpochSeconds; readonly renewal: Renewal }
  | { readonly code: 'prefetch_refused' }
  | { readonly code: 'cross_site_refused' }
  | ({ readonly code: 'asset_not_found' } & OfFile)
  | { readonly code: 'asset_missing' }
  | { readonly code: 'asset_changed' }
  | ({ readonly code: 'asset_too_large' } & OfFile)
  /** The file cannot be stamped with a watermark, or not with this name. */
  | { readonly code: 'pdf_encrypted' }
  | { readonly code: 'pdf_signed' }
  | { readonly code: 'pdf_unreadable' }
  | { readonly code: 'pdf_too_large' }
  | { readonly code: 'pdf_too_complex' }
  | { readonly code: 'name_unprintable' }
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'range_refused' }
  /** The link is delivered by the reverse proxy, and the request did not come through it. */
  | { readonly code: 'use_proxy'; readonly address: string }
  | { readonly code: 'not_found' }
  | { readonly code: 'payload_too_large' }
  | { readonly code: 'unsupported_media_type' }
  /** The bearer token of the identity provider is missing or not valid. */
  | { readonly code: 'not_authenticated' }
  | { readonly code: 'upload_too_large' }
  | { readonly code: 'type_not_allowed' }
  | { readonly code: 'upload_incomplete' }
  | { readonly code: 'upload_ended' }
  | { readonly code: 'too_many_files' }
  | { readonly code: 'already_published' }
  | { readonly code: 'not_published' }
  | { readonly code: 'not_parked' }
  | {
      readonly code: 'quota_exceeded';
      readonly retryAfterSeconds: number;
      /** Tells which limit of a tenant's uploads is reached. */
      readonly limit?: 'open_uploads' | 'upload_bytes';
    }
  /** The source has made all requests that need no proof of work. */
  | { readonly code: 'proof_required'; readonly retryAfterSeconds: number }
  /** The proof is not ours, for another file, expired, or was used before. */
  | { readonly code: 'proof_refused' }
  | ({ readonly code: 'unavailable'; readonly retryAfterSeconds: number } & OfFile)
  | { readonly code: 'internal_error' };

export type ErrorCode = Refusal['code'];

/** Selects the refusal with this code. */
export type RefusalOf<Code extends ErrorCode> = Extract<Refusal, { readonly code: Code }>;

/**
 * The file exists but is archived. Restoring it takes hours (Amazon S3 User Guide, "Restoring an archived object"), so
 * an hour is an honest retry time.
 */
export const ARCHIVED: RefusalOf<'unavailable'> = { code: 'unavailable', retryAfterSeconds: 3600 };

/** A service behind a port was throttled, slow or down, even after bounded retries. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly port: string;

  constructor(port: string, cause: unknown) {
    super(`${port} is unavailable`, { cause });
    this.port = port;
  }
}
