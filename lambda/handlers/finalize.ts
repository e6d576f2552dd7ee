import type { Tenant } from '../domain/ids.ts';
import type { Telemetry } from '../domain/ports.ts';
import { type FinalizeDependencies, finalizeUpload } from '../domain/uploads/finalize-upload.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { refuseProgram } from '../http/refuse-program.ts';
import type { ApiRequest } from '../http/request.ts';
import { tenantRoutes, type VerifyBearer } from '../http/tenant.ts';
import { aboutUpload } from './about-upload.ts';
import { finalizedReply } from './finalized-reply.ts';

export interface FinalizeHandlerDependencies extends FinalizeDependencies {
  readonly telemetry: Telemetry;
  readonly verify?: VerifyBearer | undefined;
}

/**
 * Creates the handler of `POST /uploads/{uploadId}/finalize`. It runs in a function of its own because it reads
 * unchecked files.
 */
export function createFinalizeHandler(deps: FinalizeHandlerDependencies) {
  async function finalize(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutUpload(request, async (uploadId) => {
      const finalized = await finalizeUpload(deps, uploadId, tenant);
      if (!finalized.ok) return refuseProgram(request, finalized.error);
      return finalizedReply(finalized.value);
    });
  }

  return createApiHandler({
    telemetry: deps.telemetry,
    refuse: refuseProgram,
    routes: tenantRoutes({ 'POST /uploads/{uploadId}/finalize': finalize }, deps.verify),
  });
}
