import { timestamp } from '../domain/timestamp.ts';
import type { OpenUpload } from '../domain/uploads/open-upload.ts';
import { type HistoryLine, isMultipart, objectOf, partsOf, type Upload } from '../domain/uploads/upload.ts';
import type { SignedPart } from '../domain/uploads/upload-parts.ts';

/** Returns an upload as its tenant sees it. It contains nothing that opens a file. */
export function uploadView(upload: Upload) {
  const { uploadId, state, reason, fileName, size, type, createdAt, sessionExpiresAt, checksum } = upload;
  return {
    uploadId,
    objectId: objectOf(uploadId),
    state,
    reason,
    fileName,
    // The size of a file that was sent with a form is unknown until the file is finalized.
    size: checksum.base64 === '' ? undefined : size,
    type,
    createdAt: timestamp(createdAt),
    sessionExpiresAt: timestamp(sessionExpiresAt),
    ...(isMultipart(upload) && partsOf(size)),
  };
}

/** Returns a session in the format of the response to `POST /uploads`. */
export function openUploadView({ upload, put }: OpenUpload) {
  if (put === undefined) return uploadView(upload);
  return { ...uploadView(upload), ...put, expiresAt: timestamp(put.expiresAt) };
}

/** Returns signed parts in the format of the response to `POST /uploads/{uploadId}/parts`. */
export function partsView({ parts, expiresAt }: { parts: readonly SignedPart[]; expiresAt: number }) {
  return { parts, expiresAt: timestamp(expiresAt) };
}

/** Returns an upload as operators see it. */
export function operatorView(upload: Upload) {
  const { tenant, linkId, verdict, version, changedAt, asked } = upload;
  return {
    ...uploadView(upload),
    tenant,
    linkId,
    changedAt,
    asked,
    versionId: version?.versionId,
    verdict: verdict?.result,
  };
}

/** Returns a line of the history as operators see it. */
export function lineView({ uploadId: _, at, ...line }: HistoryLine) {
  return { at, ...line };
}
