import type { Connection } from '../tvm/connection.ts';
import { type Listed, listPages } from '../tvm/list-pages.ts';
import { understood } from '../tvm/understood.ts';
import { ReviewedPage, type ReviewedUpload, type UploadState } from './upload.ts';

/**
 * Lists everybody's uploads in some states, one state after the other.
 *
 * @param limit the most uploads to return
 */
export async function listUploads(
  connection: Connection,
  states: readonly UploadState[],
  limit: number,
  signal: AbortSignal,
): Promise<Listed<ReviewedUpload>> {
  const items: ReviewedUpload[] = [];
  for (const state of states) {
    const call = { path: '/operator/uploads', query: { state } };
    const page = await listPages(connection, call, readPage, limit - items.length, signal);
    items.push(...page.items);
    if (page.rest === 'more') return { items, rest: 'more' };
  }
  return { items, rest: 'none' };
}

function readPage(answer: unknown) {
  const { uploads, cursor } = understood(ReviewedPage, answer);
  return { items: uploads, cursor };
}
