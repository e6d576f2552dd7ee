import type { UploadId } from '../ids.ts';
import {
  type EmailAddress,
  type EpochSeconds,
  type KeyEpoch,
  type LinkId,
  secondsAfter,
  type Tenant,
} from '../ids.ts';
import type { Language } from '../language.ts';
import { DAY_SECONDS, LIFETIME } from '../lifetime.ts';
import type { TokenClaims } from '../token.ts';
import { isExpired } from '../token-state.ts';

/** Maximum number of files per link. */
export const MOST_FILES = 20;

/**
 * Minimum and maximum lifetime of a link when it is issued or extended (5 minutes and 60 days), and the default when it
 * is issued (a week), in seconds.
 */
export const LINK_LIFETIME = { min: 300, max: 60 * DAY_SECONDS, usual: 7 * DAY_SECONDS } as const;

/** Place of a file in a link. */
export interface Place {
  readonly uploadId: UploadId;
  /** Identifies the file: files with the same name, size, type, and checksum have the same fingerprint. */
  readonly fingerprint: string;
}

/** Upload link: lets somebody without an account send files to the tenant that invited them. */
export interface UploadLink {
  readonly linkId: LinkId;
  /** Tenant that owns the link and its files. */
  readonly tenant: Tenant;
  /** Human-readable name of the inviter: the ARN of the caller, or the tenant. */
  readonly inviter: string;
  /** One-line description of the files that the inviter asks for. */
  readonly purpose: string;
  /** Address that the link is mailed to; absent if the inviter hands it out. */
  readonly to?: EmailAddress;
  /** Address to notify when the link is finished, and when the outcome of its files is known. */
  readonly notify?: EmailAddress;
  readonly mostFiles: number;
  /** Maximum size of one file, in bytes. */
  readonly mostBytes: number;
  readonly types: readonly string[];
  readonly language: Language;
  readonly issuedAt: EpochSeconds;
  /** Month of `issuedAt`. The key of this month signs the token. */
  readonly keyEpoch: KeyEpoch;
  /** First second in which the link no longer takes files. Changes when the link is extended. */
  readonly expiresAt: EpochSeconds;
  readonly state: 'open' | 'finished' | 'revoked';
  /** Time at which the link was finished or revoked. */
  readonly endedAt?: EpochSeconds;
  readonly files: readonly Place[];
  /** Whether the inviter was notified of the outcome since the link was last extended. */
  readonly told: boolean;
  /** Number of writes since the first. Each write is conditional on the previous one. */
  readonly revision: number;
  /** Step that the last write recorded; the history has a copy. */
  readonly step: LinkStep;
  /** Time of the last write; part of the history's key. */
  readonly changedAt: Date;
  /** Digest of the request, if it had an idempotency key. */
  readonly digest?: string;
}

/** E-mails about a link. Each is sent once, except that the outcome is sent again after every extension. */
export type LinkMail = 'invite' | 'received' | 'arrived' | 'outcome';

/** Step in the life of a link, as recorded in the history. */
export type LinkStep =
  | { readonly event: 'invited' | 'finished' | 'told' }
  /** A person's data was erased from the link. */
  | { readonly event: 'forgotten' }
  | { readonly event: 'file-opened' | 'file-removed'; readonly file: UploadId }
  | { readonly event: 'extended'; readonly until: EpochSeconds }
  /** `by` is the caller, or `hard-bounce`. */
  | { readonly event: 'revoked'; readonly by: string };

/** Line of a link's history. */
export type LinkLine = { readonly linkId: LinkId; readonly at: Date } & (
  | (LinkStep & { readonly revision: number })
  | { readonly event: 'mailed'; readonly mail: LinkMail }
  | { readonly event: 'mail-failed'; readonly mail: LinkMail; readonly reason: string }
  | { readonly event: 'bounced' | 'complained' }
);

/** State of a link at a given time. A link is always in exactly one of these states. */
export type UploadLinkState = UploadLink['state'] | 'expired';

/** Derives a link ID from a request's `name` (idempotency.ts), so that all retries of the request get the same ID. */
export function namedLinkId(name: string): LinkId {
  return `e${name.slice(1)}` as LinkId;
}

export function linkStateOf({ state, expiresAt }: UploadLink, now: EpochSeconds): UploadLinkState {
  return state === 'open' && isExpired(expiresAt, now) ? 'expired' : state;
}

/** Returns the latest expiry that a link can be given. */
export function lastMomentOf({ issuedAt }: UploadLink): EpochSeconds {
  return secondsAfter(issuedAt, LIFETIME.max);
}

/**
 * Returns the claims of a link's token. The token expires at the latest possible time, so that extending the link does
 * not change the token. The row decides when the link expires.
 */
export function claimsOf(link: UploadLink): TokenClaims {
  return { tokenId: link.linkId, keyEpoch: link.keyEpoch, expiresAt: lastMomentOf(link) };
}

/** Returns the place of a file in a link, if it has one. */
export function placeOf({ files }: UploadLink, uploadId: UploadId): Place | undefined {
  return files.find((place) => place.uploadId === uploadId);
}
