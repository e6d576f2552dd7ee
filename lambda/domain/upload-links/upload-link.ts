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
import { LIFETIME } from '../lifetime.ts';
import type { TokenClaims } from '../token.ts';

/** Limits the files of one link. */
export const MOST_FILES = 20;

/** Limits the lifetime that a link may be given at once, in seconds: from 5 minutes to 60 days. */
export const LINK_LIFETIME = { min: 300, max: 60 * 86_400, usual: 7 * 86_400 } as const;

/** Holds one place of a link. */
export interface Place {
  readonly uploadId: UploadId;
  /** Identifies the file: the same name, size, type, and checksum is the same file. */
  readonly fingerprint: string;
}

/** Represents an upload link: somebody without an account may send files to the tenant that invited them. */
export interface UploadLink {
  readonly linkId: LinkId;
  /** The tenant that owns the link and the files. */
  readonly tenant: Tenant;
  /** The inviter for people to read: the ARN of the caller, or the tenant. */
  readonly inviter: string;
  /** What the inviter asks for, on one line. */
  readonly purpose: string;
  /** The address that the link is mailed to; absent if it is handed out. */
  readonly to?: EmailAddress;
  /** The address that is told what became of the files. */
  readonly notify?: EmailAddress;
  readonly mostFiles: number;
  /** Bytes of one file. */
  readonly mostBytes: number;
  readonly types: readonly string[];
  readonly language: Language;
  readonly issuedAt: EpochSeconds;
  /** The month of `issuedAt`, whose key signs the token. */
  readonly keyEpoch: KeyEpoch;
  /** The first second in which the link no longer takes files. Extending the link moves it. */
  readonly expiresAt: EpochSeconds;
  readonly state: 'open' | 'finished' | 'revoked';
  /** When it was finished or revoked. */
  readonly endedAt?: EpochSeconds;
  readonly files: readonly Place[];
  /** Whether the inviter was told what became of the files. */
  readonly told: boolean;
  /** Counts the writes. Each write is conditional on the one before it. */
  readonly revision: number;
  /** The step of the last write, which the history repeats. */
  readonly step: LinkStep;
  /** When it was last written, as part of the history's key. */
  readonly changedAt: Date;
  /** The identity of the request, if the caller gave it an idempotency key. */
  readonly digest?: string;
}

/** Names the mails about a link. Each is sent once. */
export type LinkMail = 'invite' | 'received' | 'arrived' | 'outcome';

/** Represents one step in the life of a link, as the history keeps it. */
export type LinkStep =
  | { readonly event: 'invited' | 'finished' | 'told' }
  /** A person was erased from the link. */
  | { readonly event: 'forgotten' }
  | { readonly event: 'file-opened' | 'file-removed'; readonly file: UploadId }
  | { readonly event: 'extended'; readonly until: EpochSeconds }
  /** `by` is the caller, or `hard-bounce`. */
  | { readonly event: 'revoked'; readonly by: string };

/** Represents one line of a link's history. */
export type LinkLine = { readonly linkId: LinkId; readonly at: Date } & (
  | (LinkStep & { readonly revision: number })
  | { readonly event: 'mailed'; readonly mail: LinkMail }
  | { readonly event: 'mail-failed'; readonly mail: LinkMail; readonly reason: string }
  | { readonly event: 'bounced' | 'complained' }
);

/** Tells the state of a link at a moment. It is always exactly one of these. */
export type LinkState = UploadLink['state'] | 'expired';

/** Returns the link ID that every repetition of a named request gets (`name` in idempotency.ts). */
export function namedLinkId(name: string): LinkId {
  return `e${name.slice(1)}` as LinkId;
}

/** Returns the state of a link. */
export function linkStateOf({ state, expiresAt }: UploadLink, now: EpochSeconds): LinkState {
  return state === 'open' && now >= expiresAt ? 'expired' : state;
}

/** Returns the latest moment that a link can be extended to. */
export function lastMomentOf({ issuedAt }: UploadLink): EpochSeconds {
  return secondsAfter(issuedAt, LIFETIME.max);
}

/**
 * Returns the claims of a link's token. The token says the latest moment, so that extending the link does not change it; the
 * record decides.
 */
export function claimsOf(link: UploadLink): TokenClaims {
  return { tokenId: link.linkId, keyEpoch: link.keyEpoch, expiresAt: lastMomentOf(link) };
}

/** Returns the place of a file in a link, if it has one. */
export function placeOf({ files }: UploadLink, uploadId: UploadId): Place | undefined {
  return files.find((place) => place.uploadId === uploadId);
}
