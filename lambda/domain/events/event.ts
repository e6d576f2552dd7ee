import { createHash } from 'node:crypto';
import type { AssetName } from '../asset-name.ts';
import type { CallerId, LinkId, ObjectId, Pseudonym, RedemptionId, TokenId, UploadId } from '../ids.ts';
import type { BounceKind, Delivery, Opening } from '../records.ts';
import type { RevocationReason } from '../token-state.ts';
import type { Reason } from '../uploads/upload.ts';

/*
 * Events tell other systems what has been settled. They hold IDs, names of files on offer, times, sizes, stable codes, and
 * pseudonyms: nothing that opens a file, and nothing that reaches a person. docs/events/ has a schema of each.
 */

/** Lists the events, each with what it says besides `type`, `version`, `id`, and `at`. */
interface Facts {
  'link.issued': AboutLink & {
    readonly open: Opening;
    readonly delivery: Delivery;
    readonly size: number;
    readonly expiresAt: string;
    /** How many files a collection has. Each has a link of its own, which names the collection. */
    readonly files?: number;
    readonly collection?: TokenId;
  };
  'link.mailed': AboutMail;
  'link.mail-failed': AboutMail & { readonly reason: MailFailure };
  'link.bounced': AboutMail & { readonly bounce: BounceKind };
  'link.redeemed': AboutLink & { readonly redemptionId: RedemptionId };
  'link.reissued': AboutMail & { readonly redemptionId: RedemptionId };
  'link.reported': AboutMail;
  'link.revoked': AboutLink & { readonly redemptionId: RedemptionId; readonly reason: RevocationReason };
  'link.expired': AboutLink;
  'upload.published': AboutUpload & { readonly by: 'scanner' | 'operator' };
  'upload.rejected': AboutUpload & { readonly reason: Reason };
  'upload.parked': AboutUpload & { readonly reason: Reason };
}

/** Names an event, as EventBridge's `detail-type` does. */
export type EventType = keyof Facts;

/** Represents one event of this type, as the `detail` that EventBridge carries. */
type EventOf<Type extends EventType> = {
  readonly type: Type;
  /** Grows with every change that a reader of the last version would not understand. */
  readonly version: typeof VERSION;
  /** Is the same whenever the same fact is told again, so that readers can drop what they know. */
  readonly id: EventId;
  /** When the fact was settled (RFC 3339). */
  readonly at: string;
} & Facts[Type];

/** Represents one event of any type. */
export type Event = { [Type in EventType]: EventOf<Type> }[EventType];

export const VERSION = 1;

/** Identifies a fact: `evt_` and 32 hexadecimal digits. */
export type EventId = `evt_${string}`;

/** Tells who issued a link: a person through the public form, or a signed caller. */
type IssuerKind = 'form' | 'caller';

interface AboutLink {
  readonly tokenId: TokenId;
  readonly asset: AssetName;
  readonly issuer: IssuerKind;
  readonly callerId?: CallerId;
}

interface AboutMail {
  readonly tokenId: TokenId;
  readonly asset: AssetName;
  /** The keyed hash of the recipient's address. */
  readonly pseudonym?: Pseudonym;
}

interface AboutUpload {
  readonly uploadId: UploadId;
  readonly objectId: ObjectId;
  /** Bytes. */
  readonly size: number;
  /** The signed caller that owns the upload; absent if a bearer token names its owner. */
  readonly callerId?: CallerId;
  readonly linkId?: LinkId;
}

/** Tells why a mail was not sent: the operator's list, or the mail service's refusal. */
type MailFailure = 'recipient-not-allowed' | 'refused';

/** Derives the ID of a fact from what makes it one of its kind. */
export function eventId(type: EventType, ...key: readonly string[]): EventId {
  const digest = createHash('sha256').update([type, ...key].join('\n'));
  return `evt_${digest.digest('hex').slice(0, 32)}`;
}
