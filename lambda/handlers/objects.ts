import type { Tenant } from '../domain/ids.ts';
import type { Telemetry } from '../domain/ports.ts';
import { timestamp } from '../domain/timestamp.ts';
import { type DownloadDependencies, downloadObject } from '../domain/uploads/download-object.ts';
import { uploadOf } from '../domain/uploads/upload.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { check, checkQuery } from '../http/check.ts';
import { refuseProgram } from '../http/refuse-program.ts';
import type { ApiRequest } from '../http/request.ts';
import { json } from '../http/response.ts';
import { tenantRoutes, type VerifyBearer } from '../http/tenant.ts';
import { downloadQuery, objectPath } from '../http/upload-request.ts';

export interface ObjectsDependencies extends DownloadDependencies {
  readonly telemetry: Telemetry;
  readonly verify?: VerifyBearer | undefined;
}

/** Creates the handler of `GET /objects/{objectId}/download-url`. */
export function createObjectsHandler(deps: ObjectsDependencies) {
  async function sign(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    const path = check(objectPath, request.path, 'objectId');
    if (!path.ok) return refuseProgram(request, { code: 'not_found' });
    const { objectId } = path.value;
    const query = checkQuery(downloadQuery, request.query);
    if (!query.ok) return refuseProgram(request, query.error);
    const { expiresIn: seconds } = query.value;
    const uploadId = uploadOf(objectId);
    const signed = await downloadObject(deps, { objectId, tenant, seconds });
    if (!signed.ok) return { ...refuseProgram(request, signed.error), uploadId };
    const { url, expiresAt } = signed.value;
    return { response: json(200, { url, expiresAt: timestamp(expiresAt) }), outcome: 'signed', uploadId };
  }

  return createApiHandler({
    telemetry: deps.telemetry,
    refuse: refuseProgram,
    routes: tenantRoutes({ 'GET /objects/{objectId}/download-url': sign }, deps.verify),
  });
}
