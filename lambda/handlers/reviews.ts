import type { Telemetry } from '../domain/ports.ts';
import {
  type Decision,
  type ReviewDependencies,
  reviewUpload,
  showUpload,
} from '../domain/uploads/review-upload.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { checkQuery } from '../http/check.ts';
import { refuseProgram } from '../http/refuse-program.ts';
import { type ApiRequest, callerOf } from '../http/request.ts';
import { json } from '../http/response.ts';
import { uploadsQuery } from '../http/upload-request.ts';
import { lineView, operatorView } from '../http/upload-view.ts';
import { aboutUpload } from './about-upload.ts';

export interface ReviewsDependencies extends ReviewDependencies {
  readonly telemetry: Telemetry;
}

/** Creates the handler of `/operator/uploads`. Operators can access the uploads of all tenants. */
export function createReviewsHandler(deps: ReviewsDependencies) {
  async function list(request: ApiRequest): Promise<Reply> {
    callerOf(request);
    const query = checkQuery(uploadsQuery, request.query);
    if (!query.ok) return refuseProgram(request, query.error);
    const { state, limit, cursor } = query.value;
    const page = { limit, ...(cursor !== undefined && { after: cursor }) };
    const { uploads, next } = await deps.uploads.pile(state, page);
    const body = { uploads: uploads.map(operatorView), cursor: next };
    return { response: json(200, body), outcome: 'listed' };
  }

  async function show(request: ApiRequest): Promise<Reply> {
    callerOf(request);
    return await aboutUpload(request, async (uploadId) => {
      const shown = await showUpload(deps, uploadId);
      if (!shown.ok) return refuseProgram(request, shown.error);
      const { upload, lines } = shown.value;
      const body = { ...operatorView(upload), history: lines.map(lineView) };
      return { response: json(200, body), outcome: 'shown' };
    });
  }

  const decide =
    (decision: Decision) =>
    async (request: ApiRequest): Promise<Reply> => {
      const { arn: by } = callerOf(request);
      return await aboutUpload(request, async (uploadId) => {
        const reviewed = await reviewUpload(deps, { uploadId, decision, by });
        if (!reviewed.ok) return refuseProgram(request, reviewed.error);
        return { response: json(200, operatorView(reviewed.value)), outcome: decision };
      });
    };

  return createApiHandler({
    telemetry: deps.telemetry,
    refuse: refuseProgram,
    routes: {
      'GET /operator/uploads': list,
      'GET /operator/uploads/{uploadId}': show,
      'POST /operator/uploads/{uploadId}/release': decide('release'),
      'POST /operator/uploads/{uploadId}/reject': decide('reject'),
      'POST /operator/uploads/{uploadId}/rescan': decide('rescan'),
    },
  });
}
