import {
  type EmailAddress,
  epochSeconds,
  type LinkId,
  secondsAfter,
  type Tenant,
  type UploadId,
} from '../lambda/domain/ids.ts';
import { keyEpochOf } from '../lambda/domain/key-epoch.ts';
import { signToken, UPLOAD_TOKEN } from '../lambda/domain/token.ts';
import { claimsOf, type UploadLink } from '../lambda/domain/upload-links/upload-link.ts';
import type { Upload } from '../lambda/domain/uploads/upload.ts';

/**
 * IDs of the benchmark's uploads, by their last step. The stand-in for AWS ignores writes, so it always returns the same
 * rows for these uploads.
 */
export const UPLOADS = {
  sent: 'c0000000000000000000000000000001',
  finalized: 'c0000000000000000000000000000002',
  published: 'c0000000000000000000000000000003',
} as Readonly<Record<'sent' | 'finalized' | 'published', UploadId>>;

const LINK = 'e0000000000000000000000000000001' as LinkId;

/** The tenant of the caller in the recorded event `post-links-iam`. */
const TENANT = 'iam:AIDACKCEVSQ6C2EXAMPLE' as Tenant;

/** The SHA-256 that S3 returns for every file. */
export const SHA256 = Buffer.alloc(32).toString('base64');

export const VERSION = 'version-1';

const NOW = epochSeconds(new Date());

/** Returns the table row of an upload. The finalized upload is due, because it has no verdict. */
export function uploadRow(uploadId: string): Omit<Upload, 'changedAt'> & { readonly changedAt: string } {
  const state =
    uploadId === UPLOADS.sent ? 'uploaded' : uploadId === UPLOADS.published ? 'published' : 'finalized';
  return {
    uploadId: uploadId as UploadId,
    tenant: TENANT,
    fileName: 'contract.pdf',
    size: 1_000_000,
    type: 'application/pdf',
    checksum: { kind: 'sha256', base64: SHA256 },
    state,
    step: { event: state },
    revision: 3,
    createdAt: secondsAfter(NOW, -3_600),
    changedAt: new Date((NOW - 1_800) * 1000).toISOString(),
    sessionExpiresAt: secondsAfter(NOW, 82_800),
    dueAt: secondsAfter(NOW, -900),
    closed: state === 'published',
    slot: 0,
    asked: 0,
    ...(state !== 'uploaded' && { version: { versionId: VERSION, eTag: '"0"' } }),
  };
}

const LINK_ROW: UploadLink = {
  linkId: LINK,
  tenant: TENANT,
  inviter: 'arn:aws:iam::111122223333:user/operator',
  purpose: 'the signed contract',
  to: 'ada@example.org' as EmailAddress,
  notify: 'ines@example.org' as EmailAddress,
  mostFiles: 1,
  mostBytes: 1_000_000_000,
  types: ['application/pdf'],
  language: 'en',
  issuedAt: secondsAfter(NOW, -3_600),
  keyEpoch: keyEpochOf(secondsAfter(NOW, -3_600)),
  expiresAt: secondsAfter(NOW, 82_800),
  state: 'open',
  files: [{ uploadId: UPLOADS.published, fingerprint: 'fingerprint' }],
  told: false,
  revision: 3,
  step: { event: 'file-opened', file: UPLOADS.published },
  changedAt: new Date((NOW - 1_800) * 1000),
};

/** Returns the table row of the benchmark's upload link, through which one file was uploaded. */
export function linkRow(): Omit<UploadLink, 'changedAt'> & { readonly changedAt: string } {
  return { ...LINK_ROW, changedAt: LINK_ROW.changedAt.toISOString() };
}

export function linkToken(key: Uint8Array): string {
  return signToken(claimsOf(LINK_ROW), key, UPLOAD_TOKEN);
}
