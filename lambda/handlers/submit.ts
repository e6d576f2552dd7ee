import type { Telemetry } from '../domain/ports.ts';
import { type FinishDependencies, finishLink } from '../domain/upload-links/finish-link.ts';
import { finalizeFile } from '../domain/upload-links/link-files.ts';
import { preference } from '../http/accept.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { readFields } from '../http/body.ts';
import { fileBody } from '../http/link-upload-request.ts';
import type { Site } from '../http/page.ts';
import { createRefusal } from '../http/refuse.ts';
import { createUploadRefusal } from '../http/refuse-upload.ts';
import type { ApiRequest } from '../http/request.ts';
import { json, redirect } from '../http/response.ts';
import { tokenBody } from '../http/schemas.ts';
import { linkFilesView } from '../http/upload-link-view.ts';
import { uploadAddress } from '../views/addresses.ts';
import { finalizedReply } from './finalized-reply.ts';

export interface SubmitDependencies extends FinishDependencies, Site {
  readonly telemetry: Telemetry;
}

/**
 * Creates the handler that finalizes an upload link's files and spends the link. It runs in a separate function, so
 * that the function behind the public page cannot read files.
 */
export function createSubmitHandler(deps: SubmitDependencies) {
  const refuse = createRefusal(deps);
  const refuseForm = createUploadRefusal(refuse, deps.publicOrigin);

  async function finalize(request: ApiRequest): Promise<Reply> {
    const fields = readFields(request, fileBody);
    if (!fields.ok) return refuse(request, fields.error);
    const { uploadId } = fields.value;
    const finalized = await finalizeFile(deps, fields.value);
    return {
      ...(finalized.ok ? finalizedReply(finalized.value) : refuse(request, finalized.error)),
      uploadId,
    };
  }

  /** Finishes a link. A form is redirected to the page, which thanks the uploader. Scripts and programs get JSON. */
  async function finish(request: ApiRequest): Promise<Reply> {
    const fields = readFields(request, tokenBody);
    if (!fields.ok) return refuse(request, fields.error);
    const { token } = fields.value;
    const finished = await finishLink(deps, token);
    if (!finished.ok) return refuseForm(request, finished.error, token);
    const { linkId: tokenId } = finished.value.link;
    const response =
      preference(request) === 'page'
        ? redirect(uploadAddress(deps.publicOrigin, token))
        : json(200, linkFilesView(finished.value));
    return { response, outcome: 'finished', tokenId, milestone: 'UploadLinkFinished' };
  }

  return createApiHandler({
    telemetry: deps.telemetry,
    refuse,
    routes: { 'POST /upload/finalize': finalize, 'POST /upload/finish': finish },
  });
}
