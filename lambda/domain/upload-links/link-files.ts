import type { Refusal } from '../errors.ts';
import { epochSeconds, type LinkId, type UploadId } from '../ids.ts';
import { mapInBatches } from '../map-in-batches.ts';
import { fail, ok, type Result } from '../result.ts';
import { advance } from '../uploads/advance.ts';
import { type FinalizeDependencies, finalizeUpload } from '../uploads/finalize-upload.ts';
import type { Quarantine, Uploads } from '../uploads/ports.ts';
import { hasEnded } from '../uploads/states.ts';
import type { Upload } from '../uploads/upload.ts';
import { type SignedPart, signParts, type UploadPartsDependencies } from '../uploads/upload-parts.ts';
import { type AdvanceFileDependencies, withoutSlots } from './advance-file.ts';
import { withFiles } from './own-links.ts';
import { type PresentDependencies, presentOpenLink, whileOpen } from './present-link.ts';
import { type RewriteDependencies, rewriteLink } from './rewrite-link.ts';
import { type Place, placeOf, type UploadLink } from './upload-link.ts';

export interface FilesOfLinkDependencies extends PresentDependencies {
  readonly uploads: Pick<Uploads, 'find'>;
  readonly quarantine: Pick<Quarantine, 'parts'>;
}

/** First and last part numbers of a run of stored parts. */
type PartRange = readonly [number, number];

/** File of a link, with its stored parts if it has been sent only partially. */
export interface FileOfLink {
  readonly upload: Upload;
  readonly storedParts: readonly PartRange[];
}

/** Link and its files, as the upload page needs them. */
export interface LinkFiles {
  readonly link: UploadLink;
  readonly files: readonly FileOfLink[];
}

type StoredPartsDependencies = Pick<FilesOfLinkDependencies, 'quarantine'>;

/** Lists the files of an open link, so that a reloaded page knows which parts to send. */
export async function filesOfLink(
  deps: FilesOfLinkDependencies,
  text: string,
): Promise<Result<LinkFiles, Refusal>> {
  const presented = await presentOpenLink(deps, text);
  if (!presented.ok) return presented;
  const { link, files } = await withFiles(deps, presented.value);
  return ok({
    link,
    files: await mapInBatches(files, async (upload) => await withStoredParts(deps, upload)),
  });
}

/** Adds the stored parts, if only part of the file has been sent. */
export async function withStoredParts(deps: StoredPartsDependencies, upload: Upload): Promise<FileOfLink> {
  const isListed = upload.multipartId !== undefined && isHalfSent(upload);
  return { upload, storedParts: isListed ? await storedParts(deps, upload) : [] };
}

async function storedParts(
  { quarantine }: StoredPartsDependencies,
  upload: Upload,
): Promise<readonly PartRange[]> {
  const ranges: [number, number][] = [];
  let after: number | undefined;
  do {
    const page = await quarantine.parts(upload, after);
    if (!page.ok) return [];
    for (const { partNumber } of page.value.parts) {
      const last = ranges.at(-1);
      if (last?.[1] === partNumber - 1) last[1] = partNumber;
      else ranges.push([partNumber, partNumber]);
    }
    after = page.value.next;
  } while (after !== undefined);
  return ranges;
}

/** Returns whether the file still has to be sent or finalized. */
export function isHalfSent(upload: Upload): boolean {
  return upload.version === undefined && !hasEnded(upload);
}

/** Returns whether the file was finalized and neither expired nor rejected. */
export function isSent({ version, state }: Upload): boolean {
  return version !== undefined && state !== 'expired' && state !== 'rejected';
}

/**
 * Request about one file of a link, identified by the link's token and the file's upload ID. The response is
 * `not_found` if the file belongs to a different link.
 */
export interface FileRequest {
  readonly token: string;
  readonly uploadId: UploadId;
}

/** Signs the requests that send the given parts of a file. */
export async function signFileParts(
  deps: PresentDependencies & UploadPartsDependencies,
  { token, uploadId, partNumbers }: FileRequest & { readonly partNumbers: readonly number[] },
): Promise<Result<{ readonly parts: readonly SignedPart[]; readonly expiresAt: number }, Refusal>> {
  const link = await linkOfFile(deps, token, uploadId);
  if (!link.ok) return link;
  return await signParts(deps, { uploadId, tenant: link.value.tenant, partNumbers });
}

export type FinalizeFileDependencies = Omit<FinalizeDependencies, 'quota'>;

/** Finalizes a file of a link, like `finalizeUpload`. */
export async function finalizeFile(
  deps: PresentDependencies & FinalizeFileDependencies,
  { token, uploadId }: FileRequest,
): Promise<Result<Upload, Refusal>> {
  const link = await linkOfFile(deps, token, uploadId);
  return link.ok ? await finalizeUpload(withoutSlots(deps), uploadId, link.value.tenant) : link;
}

async function linkOfFile(
  deps: PresentDependencies,
  token: string,
  uploadId: UploadId,
): Promise<Result<UploadLink, Refusal>> {
  const presented = await presentOpenLink(deps, token);
  if (!presented.ok) return presented;
  return placeOf(presented.value, uploadId) === undefined ? fail({ code: 'not_found' }) : presented;
}

export interface RemoveFileDependencies
  extends PresentDependencies,
    RewriteDependencies,
    AdvanceFileDependencies {
  readonly links: PresentDependencies['links'] & RewriteDependencies['links'];
}

/**
 * Cancels a file and frees its place, unless the file is published. The place is freed first, so that a concurrent
 * `finishLink` never counts a file that is about to be cancelled. If `finishLink` has already counted the file, this
 * call is refused.
 */
export async function removeFile(
  deps: RemoveFileDependencies,
  { token, uploadId }: FileRequest,
): Promise<Result<void, Refusal>> {
  const presented = await presentOpenLink(deps, token);
  if (!presented.ok) return presented;
  const { linkId } = presented.value;
  const upload = await deps.uploads.find(uploadId);
  // An earlier call may have freed the place but failed to cancel the upload.
  const isOfLink = placeOf(presented.value, uploadId) !== undefined || upload?.linkId === linkId;
  if (!isOfLink) return fail({ code: 'not_found' });
  if (upload?.state === 'published') return fail({ code: 'already_published' });
  const rewritten = await rewriteLink(deps, linkId, (link) => {
    const open = whileOpen(link, epochSeconds(deps.clock()));
    if (!open.ok) return open;
    if (placeOf(link, uploadId) === undefined) return ok(undefined);
    const files = link.files.filter((file) => file.uploadId !== uploadId);
    return ok({ files, step: { event: 'file-removed', file: uploadId } });
  });
  if (!rewritten.ok) return rewritten;
  const after = await advance(withoutSlots(deps), uploadId, { kind: 'cancelled' });
  if (after?.state !== 'published') return ok(undefined);
  await returnPlace(deps, linkId, placeOf(presented.value, uploadId));
  return fail({ code: 'already_published' });
}

/**
 * Gives a file its place back, because it was published before it could be cancelled. Otherwise, the inviter would not
 * hear of it. A place that was taken in the meantime, or a link that has ended, stays as it is.
 */
async function returnPlace(
  deps: RewriteDependencies,
  linkId: LinkId,
  place: Place | undefined,
): Promise<void> {
  await rewriteLink(deps, linkId, (link) => {
    const isOpen = whileOpen(link, epochSeconds(deps.clock())).ok;
    const isTaken = link.files.some(({ fingerprint }) => fingerprint === place?.fingerprint);
    if (place === undefined || !isOpen || isTaken || link.files.length >= link.mostFiles)
      return ok(undefined);
    return ok({ files: [...link.files, place], step: { event: 'file-opened', file: place.uploadId } });
  });
}
