import type { EpochSeconds } from './ids.ts';

/** Names of members in request bodies, queries, and paths. */
export const MEMBERS = [
  'email',
  'asset',
  'token',
  'expiresIn',
  'open',
  'delivery',
  'allowedCidrs',
  'recipient',
  'recipientName',
  'message',
  'count',
  'note',
  'notify',
  'reveal',
  'tokenId',
  'limit',
  'cursor',
  'fileName',
  'size',
  'type',
  'sha256',
  'crc64nvme',
  'partNumbers',
  'uploadId',
  'objectId',
  'state',
  'for',
  'to',
  'files',
  'maxBytes',
  'types',
  'linkId',
  'proof',
  'watermark',
  'watermarkName',
  'secondChance',
  'assets',
  'code',
  'presenceCode',
] as const;

/** Name of an invalid part of a request. The response contains the name, but never the value. */
export type Field = (typeof MEMBERS)[number] | 'body' | 'query' | 'Idempotency-Key';

/** Whether the holder of an ended link is offered a new one. Only links requested through the form can be renewed. */
export type Renewal = 'offered' | 'none';

interface OfFile {
  /** Position in `assets` of the file at fault, counted from 1. */
  readonly position?: number;
}

/** All expected failures. `code` is stable: clients switch on it (RFC 9457 responses carry it). */
export type Refusal =
  | ({ readonly code: 'invalid_request'; readonly field: Field } & OfFile)
  | { readonly code: 'invalid_token' }
  | { readonly code: 'disposable_address' }
  | { readonly code: 'token_redeemed'; readonly at: EpochSeconds; readonly renewal: Renewal }
  | {
      readonly code: 'token_revoked';
      readonly at: EpochSeconds;
      /** Set if the link was revoked automatically, after too many wrong codes. */
      readonly reason?: 'wrong-codes';
    }
  /** The link requires a presence code, but the request had none. */
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
  /** The file cannot be stamped (`pdf_*`), or the name cannot be drawn on it (`name_unprintable`). */
  | { readonly code: 'pdf_encrypted' }
  | { readonly code: 'pdf_signed' }
  | { readonly code: 'pdf_unreadable' }
  | { readonly code: 'pdf_too_large' }
  | { readonly code: 'pdf_too_complex' }
  | { readonly code: 'name_unprintable' }
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'range_refused' }
  /** Only the reverse proxy delivers the file of this link, and the request did not come through the proxy. */
  | { readonly code: 'use_proxy'; readonly address: string }
  | { readonly code: 'not_found' }
  | { readonly code: 'payload_too_large' }
  | { readonly code: 'unsupported_media_type' }
  /** The identity provider's bearer token is missing or invalid. */
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
      /** The limit that was reached. It can be the tenant's or the upload link's. */
      readonly limit?: 'open_uploads' | 'upload_bytes';
    }
  /** The allowance of requests without a proof of work is used up, for this source or for all sources together. */
  | { readonly code: 'proof_required'; readonly retryAfterSeconds: number }
  /** The proof is invalid, expired, for another file, or already used. */
  | { readonly code: 'proof_refused' }
  | ({ readonly code: 'unavailable'; readonly retryAfterSeconds: number } & OfFile)
  | { readonly code: 'internal_error' };

export type ErrorCode = Refusal['code'];

export type RefusalOf<Code extends ErrorCode> = Extract<Refusal, { readonly code: Code }>;

/**
 * Refusal for an archived file. Restoring it takes hours (Amazon S3 User Guide, "Restoring an archived object"), so
 * clients are told to retry in an hour.
 */
export const ARCHIVED: RefusalOf<'unavailable'> = { code: 'unavailable', retryAfterSeconds: 3600 };

/** Thrown when a service behind a port throttles us, is slow, or is down, even after bounded retries. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly port: string;

  constructor(port: string, cause: unknown) {
    super(`${port} is unavailable`, { cause });
    this.port = port;
  }
}
