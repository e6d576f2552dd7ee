import type { Telemetry } from '../domain/ports.ts';
import { finalizeFile } from '../domain/upload-links/link-files.ts';
import type { PresentDependencies } from '../domain/upload-links/present-link.ts';
import type { FinalizeDependencies } from '../domain/uploads/finalize-upload.ts';
import { preference } from '../http/accept.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { fileBody } from '../http/link-upload-request.ts';
import { readFields } from '../http/read-fields.ts';
import { refuseProgram } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { redirect } from '../http/response.ts';
import { finalizedReply } from './finalized-reply.ts';

export interface ReceiveFinalizeDependencies extends PresentDependencies, FinalizeDependencies {
  readonly telemetry: Telemetry;
  readonly publicOrigin: string;
}

/**
 * Creates the handler of `POST /upload/finalize`. It is a function of its own, so that the one that shows the page can read no
 * file. A browser's form is sent back to the page, which tells what became of the file.
 */
export function createReceiveFinalizeHandler(deps: ReceiveFinalizeDependencies) {
  async function finalize(request: ApiRequest): Promise<Reply> {
    const fields = readFields(request, fileBody);
    if (!fields.ok) return refuseProgram(request, fields.error);
    const { token, uploadId } = fields.value;
    const finalized = await finalizeFile(deps, fields.value);
    const reply = finalized.ok ? finalizedReply(finalized.value) : refuseProgram(request, finalized.error);
    const isForm = preference(request) === 'page';
    const page = `${deps.publicOrigin}/upload?token=${encodeURIComponent(token)}`;
    return { ...reply, uploadId, ...(isForm && { response: redirect(page) }) };
  }

  return createApiHandler({
    telemetry: deps.telemetry,
    refuse: refuseProgram,
    routes: { 'POST /upload/finalize': finalize },
  });
}
