import type { CallerId, Tenant } from '../ids.ts';
import { timestamp } from '../timestamp.ts';
import { revocationReason } from '../token-state.ts';
import { objectOf } from '../uploads/upload.ts';
import type { Change, EntryPut, ReceiptPut, RecordPut, RecordRemoved, RevisionPut } from './change.ts';
import { type Event, eventId, VERSION } from './event.ts';

const version = VERSION;

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
  const type = 'link.issued';
  return {
    type,
    version,
    id: eventId(type, tokenId),
    at: timestamp(issuedAt),
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
  const type = 'link.expired';
  const id = eventId(type, record.tokenId);
  return { type, version, id, at: timestamp(record.expiresAt), ...linkOf(record) };
}

function ended(receipt: ReceiptPut): Event {
  const { tokenId, redemptionId, at } = receipt;
  const shared = { version, at: timestamp(at), ...linkOf(receipt), redemptionId } as const;
  if (receipt.kind === 'redeemed') {
    const type = 'link.redeemed';
    return { type, id: eventId(type, tokenId, redemptionId), ...shared };
  }
  const type = 'link.revoked';
  const reason = revocationReason(receipt.revokedBy);
  return { type, id: eventId(type, tokenId, redemptionId), ...shared, reason };
}

function noted(entry: EntryPut): Event {
  const { tokenId, asset, pseudonym, timeEvent, writtenAt } = entry;
  const about = { tokenId, asset, ...(pseudonym && { pseudonym }) };
  const at = timeEvent.slice(0, timeEvent.indexOf('#'));
  switch (entry.event) {
    case 'mailed': {
      const type = 'link.mailed';
      return { type, version, id: eventId(type, tokenId, timeEvent), at, ...about };
    }
    case 'mail-failed': {
      const type = 'link.mail-failed';
      // Any other reason is the name of an SES error. It is left out, because SES may change it.
      const reason = entry.reason === 'recipient-not-allowed' ? entry.reason : 'refused';
      return { type, version, id: eventId(type, tokenId, timeEvent), at, ...about, reason };
    }
    case 'bounced': {
      const type = 'link.bounced';
      const { bounce } = entry;
      return { type, version, id: eventId(type, tokenId, timeEvent), at, ...about, bounce };
    }
    case 'reissued': {
      const type = 'link.reissued';
      const { redemptionId } = entry;
      return { type, version, id: eventId(type, tokenId, redemptionId), at, ...about, redemptionId };
    }
    case 'reported': {
      const type = 'link.reported';
      // The key of this entry contains the time of the redemption, not that of the report (report-redemption.ts).
      const id = eventId(type, tokenId, timeEvent);
      return { type, version, id, at: timestamp(writtenAt), ...about };
    }
  }
}

function decided(upload: RevisionPut): Event {
  const { uploadId, tenant, linkId, size, revision, changedAt: at } = upload;
  const callerId = callerIn(tenant);
  const about = {
    uploadId,
    objectId: objectOf(uploadId),
    size,
    ...(callerId && { callerId }),
    ...(linkId && { linkId }),
  };
  const key = [uploadId, String(revision)] as const;
  switch (upload.step) {
    case 'published':
    case 'released': {
      const type = 'upload.published';
      const by = upload.step === 'released' ? 'operator' : 'scanner';
      return { type, version, id: eventId(type, ...key), at, ...about, by };
    }
    case 'rejected':
    case 'parked': {
      const type = `upload.${upload.step}` as const;
      return { type, version, id: eventId(type, ...key), at, ...about, reason: upload.reason };
    }
  }
}

function linkOf({ tokenId, asset, issuedBy, callerId }: RecordPut | RecordRemoved | ReceiptPut) {
  const issuer = issuedBy === 'public' ? 'form' : 'caller';
  return { tokenId, asset, issuer, ...(isUnique(callerId) && { callerId }) } as const;
}

/** Returns the caller ID of a tenant, if it is a signed caller. Events do not disclose other tenants. */
function callerIn(tenant: Tenant): CallerId | undefined {
  const callerId = tenant.startsWith('iam:') ? tenant.slice('iam:'.length) : undefined;
  return isUnique(callerId) ? callerId : undefined;
}

/**
 * Returns whether this is the unique ID that IAM gives a user or role. The ID of a federated user is not: it ends with a
 * name, which may be an address, so events do not contain it.
 */
function isUnique(callerId: string | undefined): callerId is CallerId {
  return callerId !== undefined && /^[A-Z0-9]{1,128}$/.test(callerId);
}
