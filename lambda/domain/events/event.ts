import { createHash } from 'node:crypto';
import type { AssetName } from '../asset-name.ts';
import type { CallerId, LinkId, ObjectId, Pseudonym, RedemptionId, TokenId, UploadId } from '../ids.ts';
import type { BounceKind, Delivery, Opening } from '../records.ts';
import type { RevocationReason } from '../token-state.ts';
import type { Reason } from '../uploads/upload.ts';

/*
 * Events tell other systems about settled facts. They contain IDs, names of offered files, times, sizes, stable codes,
 * and pseudonyms. They contain nothing that opens a file and no contact data. Their schemas are in docs/events/.
 */

/** The event types, each with its fields besides `type`, `version`, `id`, and `at`. */
interface Facts {
  'link.issued': AboutLink & {
    readonly open: Opening;
    readonly delivery: Delivery;
    readonly size: number;
    readonly expiresAt: string;
    /** Number of files in a collection. Each file has its own `link.issued` event, which names the collection. */
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

/** Type of an event; also EventBridge's `detail-type`. */
export type EventType = keyof Facts;

/** Event of one type, as carried in EventBridge's `detail`. */
type EventOf<Type extends EventType> = {
  readonly type: Type;
  /** Version of the format; incremented with every breaking change. */
  readonly version: typeof VERSION;
  /** Identical whenever the same fact is published again, so that subscribers can drop duplicates. */
  readonly id: EventId;
  /** Time at which the fact was settled (RFC 3339). */
  readonly at: string;
} & Facts[Type];

export type Event = { [Type in EventType]: EventOf<Type> }[EventType];

export const VERSION = 1;

/** ID of a fact: `evt_` followed by 32 hexadecimal digits. */
export type EventId = `evt_${string}`;

/** Who issued a link: the public form, or an IAM caller. */
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
  /** Keyed hash of the recipient's address. */
  readonly pseudonym?: Pseudonym;
}

interface AboutUpload {
  readonly uploadId: UploadId;
  readonly objectId: ObjectId;
  /** Size in bytes; absent for a file that was sent with a form and has not been finalized. */
  readonly size?: number;
  /** The IAM caller that owns the upload; absent for federated users, and for owners named by a bearer token. */
  readonly callerId?: CallerId;
  readonly linkId?: LinkId;
}

/** Reason why an e-mail was not sent: the operator's allowlist, or a refusal by SES. */
type MailFailure = 'recipient-not-allowed' | 'refused';

/** Derives a fact's ID from its event type and the key that identifies the fact. */
export function eventId(type: EventType, ...key: readonly string[]): EventId {
  const digest = createHash('sha256').update([type, ...key].join('\n'));
  return `evt_${digest.digest('hex').slice(0, 32)}`;
}
