import type { Tenant } from '../domain/ids.ts';
import type { Milestone, Telemetry } from '../domain/ports.ts';
import { type FinalizeDependencies, finalizeUpload } from '../domain/uploads/finalize-upload.ts';
import type { UploadState } from '../domain/uploads/upload.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { refuseProgram } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { json } from '../http/response.ts';
import { tenantRoutes, type VerifyBearer } from '../http/tenant.ts';
import { uploadView } from '../http/upload-view.ts';
import { aboutUpload } from './about-upload.ts';

export interface FinalizeHandlerDependencies extends FinalizeDependencies {
  readonly telemetry: Telemetry;
  readonly verify?: VerifyBearer | undefined;
}

const MILESTONES: Partial<Record<UploadState, Milestone>> = {
  finalized: 'UploadFinalized',
  published: 'UploadPublished',
  rejected: 'UploadRejected',
};

/** Creates the handler of `POST /uploads/{uploadId}/finalize`, the one function that reads what nobody has checked. */
export function createFinalizeHandler(deps: FinalizeHandlerDependencies) {
  async function finalize(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutUpload(request, async (uploadId) => {
      const finalized = await finalizeUpload(deps, uploadId, tenant);
      if (!finalized.ok) return refuseProgram(request, finalized.error);
      const { state } = finalized.value;
      const hasOutcome = state === 'published' || state === 'rejected';
      const milestone = MILESTONES[state];
      return {
        response: json(hasOutcome ? 200 : 202, uploadView(finalized.value)),
        outcome: state,
        ...(milestone && { milestone }),
      };
    });
  }

  return createApiHandler({
    telemetry: deps.telemetry,
    refuse: refuseProgram,
    routes: tenantRoutes({ 'POST /uploads/{uploadId}/finalize': finalize }, deps.verify),
  });
}
