import type { RefusalOf } from '../errors.ts';
import type { LinkId, Tenant } from '../ids.ts';
import { mapInBatches } from '../map-in-batches.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Uploads } from '../uploads/ports.ts';
import type { Upload } from '../uploads/upload.ts';
import type { LinkPosition, UploadLinks } from './ports.ts';
import type { UploadLink } from './upload-link.ts';

export interface LinkWithFiles {
  readonly link: UploadLink;
  readonly files: readonly Upload[];
}

/** Finds a tenant's link. Another tenant's link causes the same read and response as a missing one. */
export async function findOwnLink(
  { links }: { readonly links: Pick<UploadLinks, 'find'> },
  linkId: LinkId,
  tenant: Tenant,
): Promise<Result<UploadLink, RefusalOf<'not_found'>>> {
  const link = await links.find(linkId);
  return link?.tenant === tenant ? ok(link) : fail({ code: 'not_found' });
}

/** Lists a tenant's links, newest first. */
export async function listOwnLinks(
  deps: { readonly links: Pick<UploadLinks, 'ofTenant'>; readonly uploads: Pick<Uploads, 'find'> },
  tenant: Tenant,
  page: { readonly limit: number; readonly after?: LinkPosition },
): Promise<{ readonly links: readonly LinkWithFiles[]; readonly next?: LinkPosition }> {
  const { links, next } = await deps.links.ofTenant(tenant, page);
  return {
    links: await mapInBatches(links, (link) => withFiles(deps, link)),
    ...(next !== undefined && { next }),
  };
}

/** Reads the files of a link, in the order in which they were opened. Places without an upload are skipped. */
export async function withFiles(
  { uploads }: { readonly uploads: Pick<Uploads, 'find'> },
  link: UploadLink,
): Promise<LinkWithFiles> {
  const found = await mapInBatches(link.files, ({ uploadId }) => uploads.find(uploadId));
  return { link, files: found.flatMap((upload) => upload ?? []) };
}
