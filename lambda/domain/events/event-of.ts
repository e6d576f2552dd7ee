import type { CallerId, Tenant } from '../ids.ts';
import { timestamp } from '../timestamp.ts';
import { revocationReason } from '../token-state.ts';
import { objectOf } from '../uploads/upload.ts';
import type { Change, EntryPut, ReceiptPut, RecordPut, RecordRemoved, RevisionPut } from './change.ts';
import { type Event, type EventType, eventId, VERSION } from './event.ts';

/** Returns the event for a change. For a removed record, the caller must have checked that its link expired. */
export function eventOf(change: Change): Event {
  switch (change.change) {
    case 'record-put':
      return issued(change);
    case 'record-removed':
      return expired(change);
    case 'receipt-put':
      return ended(change);
    case 'entry-put':
      return noted(change);
    case 'revision-put':
      return decided(change);
  }
}

function issued(record: RecordPut): Event {
  const { tokenId, size, open, delivery, issuedAt, expiresAt, files, collection } = record;
  return {
    ...headOf('link.issued', timestamp(issuedAt), [tokenId]),
    ...linkOf(record),
    open,
    delivery,
    size,
    expiresAt: timestamp(expiresAt),
    ...(files !== undefined && { files }),
    ...(collection !== undefined && { collection }),
  };
}

function expired(record: RecordRemoved): Event {
  const { tokenId, expiresAt } = record;
  return { ...headOf('link.expired', timestamp(expiresAt), [tokenId]), ...linkOf(record) };
}

function ended(receipt: ReceiptPut): Event {
  const { tokenId, redemptionId } = receipt;
  const at = timestamp(receipt.at);
  const key = [tokenId, redemptionId];
  const about = { ...linkOf(receipt), redemptionId };
  if (receipt.kind === 'redeemed') return { ...headOf('link.redeemed', at, key), ...about };
  const reason = revocationReason(receipt.revokedBy);
  return { ...headOf('link.revoked', at, key), ...about, reason };
}

function noted(entry: EntryPut): Event {
  const { tokenId, asset, pseudonym, timeEvent, writtenAt } = entry;
  const about = { tokenId, asset, ...(pseudonym && { pseudonym }) };
  const at = timeEvent.slice(0, timeEvent.indexOf('#'));
  const key = [tokenId, timeEvent];
  switch (entry.event) {
    case 'mailed':
      return { ...headOf('link.mailed', at, key), ...about };
    case 'mail-failed': {
      // Any other reason is the name of an SES error. It is left out, because SES may change it.
      const reason = entry.reason === 'recipient-not-allowed' ? entry.reason : 'refused';
      return { ...headOf('link.mail-failed', at, key), ...about, reason };
    }
    case 'bounced':
      return { ...headOf('link.bounced', at, key), ...about, bounce: entry.bounce };
    case 'reissued': {
      const { redemptionId } = entry;
      return { ...headOf('link.reissued', at, [tokenId, redemptionId]), ...about, redemptionId };
    }
    case 'reported':
      // This entry's key contains the time of the redemption, not the time of the report (report-redemption.ts).
      return { ...headOf('link.reported', timestamp(writtenAt), key), ...about };
  }
}

function decided(upload: RevisionPut): Event {
  const { uploadId, tenant, linkId, size, revision, changedAt: at } = upload;
  const callerId = callerIn(tenant);
  const about = {
    uploadId,
    objectId: objectOf(uploadId),
    ...(size !== undefined && { size }),
    ...(callerId && { callerId }),
    ...(linkId && { linkId }),
  };
  const key = [uploadId, String(revision)];
  switch (upload.step) {
    case 'published':
    case 'released': {
      const by = upload.step === 'released' ? 'operator' : 'scanner';
      return { ...headOf('upload.published', at, key), ...about, by };
    }
    case 'rejected':
    case 'parked':
      return { ...headOf(`upload.${upload.step}`, at, key), ...about, reason: upload.reason };
  }
}

/**
 * Returns the members that every event has.
 *
 * @param key identifies the fact among all facts of its type
 */
function headOf<Type extends EventType>(type: Type, at: string, key: readonly string[]) {
  return { type, version: VERSION, id: eventId(type, ...key), at } as const;
}

function linkOf({ tokenId, asset, issuedBy, callerId }: RecordPut | RecordRemoved | ReceiptPut) {
  const issuer = issuedBy === 'public' ? 'form' : 'caller';
  return { tokenId, asset, issuer, ...(isUnique(callerId) && { callerId }) } as const;
}

/** Returns a tenant's caller ID if the tenant is an IAM caller. Events do not disclose other tenants. */
function callerIn(tenant: Tenant): CallerId | undefined {
  const callerId = tenant.startsWith('iam:') ? tenant.slice('iam:'.length) : undefined;
  return isUnique(callerId) ? callerId : undefined;
}

/**
 * Returns whether this is the unique ID that IAM gives a user or role. Events leave out a federated user's ID, because
 * it ends with a name, which may be an address.
 */
function isUnique(callerId: string | undefined): callerId is CallerId {
  return callerId !== undefined && /^[A-Z0-9]{1,128}$/.test(callerId);
}
