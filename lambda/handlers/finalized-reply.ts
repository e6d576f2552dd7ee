import type { Milestone } from '../domain/ports.ts';
import type { Upload, UploadState } from '../domain/uploads/upload.ts';
import type { Reply } from '../http/api-handler.ts';
import { json } from '../http/response.ts';
import { uploadView } from '../http/upload-view.ts';

const MILESTONES: Partial<Record<UploadState, Milestone>> = {
  finalized: 'UploadFinalized',
  published: 'UploadPublished',
  rejected: 'UploadRejected',
};

/**
 * Responds to a finalize request: with 200 if the upload was published or rejected, and with 202 if it waits for a
 * verdict or an operator's decision.
 */
export function finalizedReply(upload: Upload): Reply {
  const { state } = upload;
  const hasOutcome = state === 'published' || state === 'rejected';
  const milestone = MILESTONES[state];
  return {
    response: json(hasOutcome ? 200 : 202, uploadView(upload)),
    outcome: state,
    ...(milestone && { milestone }),
  };
}
