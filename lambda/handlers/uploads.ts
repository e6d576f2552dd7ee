import type { Tenant } from '../domain/ids.ts';
import type { Pseudonyms, Telemetry } from '../domain/ports.ts';
import type { AdvanceDependencies } from '../domain/uploads/advance.ts';
import { cancelUpload } from '../domain/uploads/cancel-upload.ts';
import { findUpload } from '../domain/uploads/find-upload.ts';
import { type OpenUploadDependencies, openUpload } from '../domain/uploads/open-upload.ts';
import { listParts, signParts, type UploadPartsDependencies } from '../domain/uploads/upload-parts.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { readFields } from '../http/body.ts';
import { checkQuery } from '../http/check.ts';
import { readIdempotencyKey, repetitionOf } from '../http/idempotency-key.ts';
import { refuseProgram } from '../http/refuse-program.ts';
import type { ApiRequest } from '../http/request.ts';
import { empty, json } from '../http/response.ts';
import { tenantRoutes, type VerifyBearer } from '../http/tenant.ts';
import { declaredIn, partsQuery, partsRequest, uploadRequest } from '../http/upload-request.ts';
import { openUploadView, partsView, uploadView } from '../http/upload-view.ts';
import { aboutUpload } from './about-upload.ts';

export type UploadsDependencies = Omit<
  OpenUploadDependencies & UploadPartsDependencies & AdvanceDependencies,
  'quarantine' | 'uploads'
> & {
  readonly uploads: OpenUploadDependencies['uploads'];
  readonly quarantine: OpenUploadDependencies['quarantine'] & UploadPartsDependencies['quarantine'];
  readonly pseudonyms: Pseudonyms;
  readonly telemetry: Telemetry;
  readonly verify?: VerifyBearer | undefined;
};

/**
 * Creates the handler of a tenant's sessions. It opens, shows, and cancels sessions, signs the requests that send the
 * files, and lists the parts that S3 has stored.
 */
export function createUploadsHandler(deps: UploadsDependencies) {
  async function open(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    const key = readIdempotencyKey(request);
    if (!key.ok) return refuseProgram(request, key.error);
    const fields = readFields(request, uploadRequest);
    if (!fields.ok) return refuseProgram(request, fields.error);
    const named = { caller: tenant, key: key.value, fields: fields.value };
    const repetition = await repetitionOf(deps.pseudonyms, named);
    const opened = await openUpload(deps, { ...declaredIn(fields.value), tenant }, repetition);
    if (!opened.ok) return refuseProgram(request, opened.error);
    const { uploadId } = opened.value.upload;
    return {
      response: json(201, openUploadView(opened.value)),
      outcome: 'opened',
      milestone: 'UploadOpened',
      uploadId,
    };
  }

  async function show(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutUpload(request, async (uploadId) => {
      const found = await findUpload(deps, uploadId, tenant);
      if (!found.ok) return refuseProgram(request, found.error);
      return { response: json(200, uploadView(found.value)), outcome: 'shown' };
    });
  }

  async function cancel(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutUpload(request, async (uploadId) => {
      const cancelled = await cancelUpload(deps, uploadId, tenant);
      if (!cancelled.ok) return refuseProgram(request, cancelled.error);
      return { response: empty(204), outcome: 'cancelled' };
    });
  }

  async function sign(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutUpload(request, async (uploadId) => {
      const fields = readFields(request, partsRequest);
      if (!fields.ok) return refuseProgram(request, fields.error);
      const signed = await signParts(deps, { uploadId, tenant, ...fields.value });
      if (!signed.ok) return refuseProgram(request, signed.error);
      return { response: json(200, partsView(signed.value)), outcome: 'signed' };
    });
  }

  async function list(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutUpload(request, async (uploadId) => {
      const query = checkQuery(partsQuery, request.query);
      if (!query.ok) return refuseProgram(request, query.error);
      const { cursor: after } = query.value;
      const page = await listParts(deps, { uploadId, tenant, ...(after !== undefined && { after }) });
      if (!page.ok) return refuseProgram(request, page.error);
      const { parts, next } = page.value;
      const stored = parts.map(({ partNumber, size }) => ({ partNumber, size }));
      const body = { parts: stored, cursor: next?.toString() };
      return { response: json(200, body), outcome: 'listed' };
    });
  }

  return createApiHandler({
    telemetry: deps.telemetry,
    refuse: refuseProgram,
    routes: tenantRoutes(
      {
        'POST /uploads': open,
        'GET /uploads/{uploadId}': show,
        'DELETE /uploads/{uploadId}': cancel,
        'POST /uploads/{uploadId}/parts': sign,
        'GET /uploads/{uploadId}/parts': list,
      },
      deps.verify,
    ),
  });
}
