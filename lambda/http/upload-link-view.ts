import { epochSeconds } from '../domain/ids.ts';
import { timestamp } from '../domain/timestamp.ts';
import type { FileOfLink, LinkFiles } from '../domain/upload-links/link-files.ts';
import type { LinkWithFiles } from '../domain/upload-links/own-links.ts';
import { linkStateOf, type UploadLink } from '../domain/upload-links/upload-link.ts';
import { uploadView } from './upload-view.ts';

/** Returns an upload link as its inviter sees it. It contains nothing that opens the link. */
export function uploadLinkView({ link, files }: LinkWithFiles, now: Date) {
  const { linkId, purpose, to, notify, mostFiles, mostBytes, types, issuedAt, expiresAt, endedAt } = link;
  const state = linkStateOf(link, epochSeconds(now));
  return {
    linkId,
    state,
    for: purpose,
    to,
    notify,
    files: files.map(uploadView),
    mostFiles,
    maxBytes: mostBytes,
    types,
    issuedAt: timestamp(issuedAt),
    expiresAt: timestamp(expiresAt),
    ...(endedAt !== undefined && { [`${state}At`]: timestamp(endedAt) }),
  };
}

/** Returns a new upload link in the format of the response to `POST /upload-links`. */
export function invitationView({ linkId, expiresAt }: UploadLink, url: string | undefined) {
  return { linkId, url, expiresAt: timestamp(expiresAt) };
}

/** Returns one of a link's files in the format for the upload page. */
export function fileView({ upload, storedParts }: FileOfLink) {
  return { ...uploadView(upload), ...(storedParts.length > 0 && { storedParts }) };
}

/** Returns a link's state, files, and limits in the format for the upload page. */
export function linkFilesView({ link, files }: LinkFiles) {
  const { state, mostFiles, mostBytes, types, expiresAt } = link;
  return {
    state,
    files: files.map(fileView),
    mostFiles,
    maxBytes: mostBytes,
    types,
    expiresAt: timestamp(expiresAt),
  };
}
