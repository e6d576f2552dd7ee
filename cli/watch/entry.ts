import { z } from 'zod';
import type { LedgerEntry, UploadStep } from '../../lambda/operator.ts';

/** The events of links, in the order in which they usually occur. */
export const LINK_EVENTS = [
  ...(['issued', 'refused', 'mailed', 'mail-failed', 'bounced', 'complained'] as const),
  ...(['reminded', 'reminder-failed'] as const),
  ...(['redeemed', 'reissued', 'delivered', 'aborted', 'notified', 'notice-failed'] as const),
  ...(['reported', 'revoked'] as const),
] satisfies readonly LedgerEntry['event'][];

export const UPLOAD_EVENTS = [
  ...(['opened', 'begun', 'uploaded', 'finalized', 'verdict', 'published', 'rejected'] as const),
  ...(['parked', 'released', 'asked', 'expired', 'closed'] as const),
] satisfies readonly UploadStep['event'][];

/** One event of a link or an upload. It contains no recipients' addresses, notes, or names of uploaded files. */
export interface Entry {
  /** RFC 3339, in UTC. */
  readonly at: string;
  readonly event: string;
  readonly tokenId?: string | undefined;
  readonly uploadId?: string | undefined;
  readonly asset?: string | undefined;
  /** The pseudonym of the recipient. */
  readonly pseudonym?: string | undefined;
  /** Who issued the link, or released or rejected the upload. */
  readonly by?: string | undefined;
  readonly tenant?: string | undefined;
  /** The upload link that an upload came through. */
  readonly linkId?: string | undefined;
  readonly redemptionId?: string | undefined;
  readonly state?: string | undefined;
  /** The verdict of the malware scan. */
  readonly result?: string | undefined;
  readonly reason?: string | undefined;
  readonly bounce?: string | undefined;
  readonly bytes?: number | undefined;
}

const text = z.object({ S: z.string() }).transform(({ S }) => S);
const number = z.object({ N: z.string() }).transform(({ N }) => Number(N));
const optional = text.optional();

const LedgerImage = z.object({
  tokenId: text,
  timeEvent: text,
  event: text,
  asset: text,
  pseudonym: optional,
  issuedBy: optional,
  redemptionId: optional,
  reason: optional,
  bounce: optional,
  bytes: number.optional(),
});

const UploadImage = z.object({
  uploadId: text,
  changedAt: text,
  tenant: text,
  linkId: optional,
  state: text,
  step: z.object({
    M: z.object({ event: text, by: optional, result: optional, reason: optional }),
  }),
});

/** The members that are read from a stream record. */
export interface Change {
  readonly eventName?: string | undefined;
  readonly dynamodb?: { readonly NewImage?: unknown } | undefined;
}

/** Reads a new ledger entry. Returns `undefined` for rewrites by `tvm forget` and deletions by TTL. */
export function linkEntry({ eventName, dynamodb }: Change): Entry | undefined {
  const image = LedgerImage.safeParse(dynamodb?.NewImage).data;
  if (image === undefined || eventName !== 'INSERT') return undefined;
  const { timeEvent, issuedBy, ...entry } = image;
  return { at: timeEvent.slice(0, timeEvent.indexOf('#')), ...entry, by: issuedBy };
}

/** Reads the step that a write to an upload's row recorded. */
export function uploadEntry({ dynamodb }: Change): Entry | undefined {
  const image = UploadImage.safeParse(dynamodb?.NewImage).data;
  if (image === undefined) return undefined;
  const { changedAt, step, ...upload } = image;
  return { at: changedAt, ...upload, ...step.M };
}

/** Hides the addresses that a user's or tenant's name, or a mail server's reply, may contain. */
export function withoutAddresses({ by, tenant, reason, ...entry }: Entry): Entry {
  return { ...entry, by: hidden(by), tenant: hidden(tenant), reason: hidden(reason) };
}

const hidden = (words: string | undefined) => words?.replaceAll(/[^\s:/<>]+@[^\s:/<>]+/g, '(address)');
