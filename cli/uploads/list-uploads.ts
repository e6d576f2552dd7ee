import type { Connection } from '../tvm/connection.ts';
import { type Listed, listPages } from '../tvm/list-pages.ts';
import { understood } from '../tvm/understood.ts';
import { OPEN_STATES, ReviewedPage, type ReviewedUpload, type UploadState } from './upload.ts';

/** The state under which the API lists uploads that have ended but are not closed yet. */
const CLOSING = 'closing';

/**
 * Lists all tenants' uploads in the given states, one state after the other.
 *
 * @param limit the maximum number of uploads
 */
export async function listUploads(
  connection: Connection,
  states: readonly UploadState[],
  limit: number,
  signal: AbortSignal,
): Promise<Listed<ReviewedUpload>> {
  const found = new Map<string, ReviewedUpload>();
  const hasEnded = (state: UploadState) => !OPEN_STATES.some((open) => open === state);
  for (const pile of [...(states.some(hasEnded) ? [CLOSING] : []), ...states]) {
    const call = { path: '/operator/uploads', query: { state: pile } };
    const most = pile === CLOSING ? Number.POSITIVE_INFINITY : limit - found.size;
    const page = await listPages(connection, call, readPage, most, signal);
    for (const upload of page.items) if (states.includes(upload.state)) found.set(upload.uploadId, upload);
    if (page.rest === 'more') return { items: [...found.values()].slice(0, limit), rest: 'more' };
  }
  return { items: [...found.values()], rest: 'none' };
}

function readPage(response: unknown) {
  const { uploads, cursor } = understood(ReviewedPage, response);
  return { items: uploads, cursor };
}
