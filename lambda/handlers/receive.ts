import type { Refusal } from '../domain/errors.ts';
import { epochSeconds } from '../domain/ids.ts';
import type { Telemetry } from '../domain/ports.ts';
import type { SourceLimitDependencies } from '../domain/request-link.ts';
import { type FinishDependencies, finishLink } from '../domain/upload-links/finish-link.ts';
import {
  type FilesOfLinkDependencies,
  filesOfLink,
  type RemoveFileDependencies,
  removeFile,
  signFileParts,
} from '../domain/upload-links/link-files.ts';
import { type OpenFileDependencies, openFile, openForm } from '../domain/upload-links/open-file.ts';
import { withFiles } from '../domain/upload-links/own-links.ts';
import type { FormSigner } from '../domain/upload-links/ports.ts';
import { presentLink } from '../domain/upload-links/present-link.ts';
import { linkStateOf } from '../domain/upload-links/upload-link.ts';
import type { UploadPartsDependencies } from '../domain/uploads/upload-parts.ts';
import { preference } from '../http/accept.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { check, checkQuery } from '../http/check.ts';
import { fileBody, filePartsBody, formBody, openFileBody } from '../http/link-upload-request.ts';
import { page, type Site } from '../http/page.ts';
import { isPrefetch } from '../http/prefetch.ts';
import { statusOf } from '../http/problem.ts';
import { readFields } from '../http/read-fields.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { empty, json, redirect } from '../http/response.ts';
import { tokenBody, tokenQuery } from '../http/schemas.ts';
import { typeOfName } from '../http/type-of-name.ts';
import { linkFilesView } from '../http/upload-link-view.ts';
import { partsView, uploadView } from '../http/upload-view.ts';
import { uploadPageSecurityPolicy } from '../views/security-policy.ts';
import { type UploadPageView, uploadPage } from '../views/upload-page.ts';
import { readCounted } from './public-request.ts';

type Domain = OpenFileDependencies &
  FilesOfLinkDependencies &
  UploadPartsDependencies &
  RemoveFileDependencies &
  FinishDependencies &
  SourceLimitDependencies;

export interface ReceiveDependencies extends Omit<Domain, 'quarantine' | 'limits' | 'quota'>, Site {
  readonly quarantine: OpenFileDependencies['quarantine'] & UploadPartsDependencies['quarantine'];
  readonly quota: OpenFileDependencies['quota'];
  readonly limits: OpenFileDependencies['limits'] & SourceLimitDependencies['limits'];
  readonly forms: FormSigner;
  readonly telemetry: Telemetry;
}

/**
 * Creates the handler of the page that the holder of an upload link sends files from. Looking at the page changes nothing.
 * Opening a file is counted for its source; everything else needs a link that can be used.
 */
export function createReceiveHandler(deps: ReceiveDependencies) {
  const { telemetry, publicOrigin: origin, filesOrigin, brand } = deps;
  const refuse = createRefusal(deps);
  const pageHeaders = { 'Content-Security-Policy': uploadPageSecurityPolicy(filesOrigin, brand) };

  /** Returns the page of a link in whatever state it is. */
  async function showPage(
    request: ApiRequest,
    token: string,
    extra: Pick<UploadPageView, 'problem' | 'form'> = {},
  ): Promise<Reply> {
    const presented = await presentLink(deps, token);
    if (!presented.ok) return refuse(request, presented.error);
    const link = presented.value;
    const now = deps.clock();
    const state = linkStateOf(link, epochSeconds(now));
    const isListed = state === 'open' || state === 'finished';
    const files = isListed ? (await withFiles(deps, link)).files : [];
    const view = { origin, token, link, state, files, now, ...extra };
    const status = extra.problem === undefined ? 200 : statusOf(extra.problem);
    const response = page(deps, request, status, (theme) => uploadPage(view, theme), pageHeaders);
    return { response, outcome: extra.problem?.code ?? 'looked-at', tokenId: link.linkId };
  }

  /** Refuses a request: on the page itself for a browser's form, and with a problem document for the script. */
  async function refusePosted(request: ApiRequest, refusal: Refusal, token?: string): Promise<Reply> {
    const isForm = preference(request) === 'page' && token !== undefined && refusal.code !== 'invalid_token';
    return isForm ? await showPage(request, token, { problem: refusal }) : refuse(request, refusal);
  }

  /** Answers the script with JSON, and sends a browser's form back to the page. */
  function done(request: ApiRequest, token: string, status: number, body: object, outcome: string): Reply {
    const isForm = preference(request) === 'page';
    return { outcome, response: isForm ? redirect(pageOf(token)) : json(status, body) };
  }

  const pageOf = (token: string) => `${origin}/upload?token=${encodeURIComponent(token)}`;

  async function look(request: ApiRequest): Promise<Reply> {
    if (isPrefetch(request)) return refuse(request, { code: 'prefetch_refused' });
    const query = checkQuery(tokenQuery, request.query);
    return query.ok ? await showPage(request, query.value.token) : refuse(request, query.error);
  }

  async function files(request: ApiRequest): Promise<Reply> {
    const fields = readFields(request, tokenBody);
    if (!fields.ok) return refuse(request, fields.error);
    const listed = await filesOfLink(deps, fields.value.token);
    if (!listed.ok) return refuse(request, listed.error);
    const tokenId = listed.value.link.linkId;
    return { response: json(200, linkFilesView(listed.value)), outcome: 'listed', tokenId };
  }

  async function open(request: ApiRequest): Promise<Reply> {
    const body = await readCounted(deps, request);
    if (!body.ok) return refuse(request, body.error);
    const fields = check(openFileBody, body.value, 'body');
    if (!fields.ok) return refuse(request, fields.error);
    const { token, fileName, size, crc64nvme: base64 } = fields.value;
    const type = fields.value.type ?? typeOfName(fileName) ?? '';
    const declared = { fileName, size, type, checksum: { kind: 'crc64nvme', base64 } as const };
    const opened = await openFile(deps, token, declared);
    if (!opened.ok) return refuse(request, opened.error);
    const { uploadId } = opened.value;
    const response = json(201, uploadView(opened.value));
    return { response, outcome: 'opened', uploadId, milestone: 'UploadOpened' };
  }

  async function form(request: ApiRequest): Promise<Reply> {
    const body = await readCounted(deps, request);
    if (!body.ok) return refuse(request, body.error);
    const fields = check(formBody, body.value, 'body');
    if (!fields.ok) return await refusePosted(request, fields.error, tokenIn(body.value));
    const { token, fileName } = fields.value;
    const type = typeOfName(fileName) ?? '';
    const opened = await openForm(deps, token, { fileName, type, returnTo: pageOf(token) });
    if (!opened.ok) return await refusePosted(request, opened.error, token);
    const { upload, form } = opened.value;
    const { uploadId } = upload;
    if (form === undefined) return { response: redirect(pageOf(token)), outcome: 'known', uploadId };
    const shown = await showPage(request, token, { form: { upload, ...form } });
    return { ...shown, outcome: 'opened', uploadId, milestone: 'UploadOpened' };
  }

  async function parts(request: ApiRequest): Promise<Reply> {
    const fields = readFields(request, filePartsBody);
    if (!fields.ok) return refuse(request, fields.error);
    const { uploadId } = fields.value;
    const signed = await signFileParts(deps, fields.value);
    if (!signed.ok) return { ...refuse(request, signed.error), uploadId };
    return { response: json(200, partsView(signed.value)), outcome: 'signed', uploadId };
  }

  async function remove(request: ApiRequest): Promise<Reply> {
    const fields = readFields(request, fileBody);
    if (!fields.ok) return refuse(request, fields.error);
    const { token, uploadId } = fields.value;
    const removed = await removeFile(deps, fields.value);
    if (!removed.ok) return { ...(await refusePosted(request, removed.error, token)), uploadId };
    return { ...done(request, token, 200, {}, 'removed'), uploadId };
  }

  async function finish(request: ApiRequest): Promise<Reply> {
    const fields = readFields(request, tokenBody);
    if (!fields.ok) return refuse(request, fields.error);
    const { token } = fields.value;
    const finished = await finishLink(deps, token);
    if (!finished.ok) return await refusePosted(request, finished.error, token);
    const { link, files } = finished.value;
    const view = linkFilesView({ link, files: files.map((upload) => ({ upload, stored: [] })) });
    return {
      ...done(request, token, 200, view, 'finished'),
      tokenId: link.linkId,
      milestone: 'UploadLinkFinished',
    };
  }

  /** Returns the token that a request brings, whatever else is wrong with it. */
  const tokenIn = ({ token }: Readonly<Record<string, unknown>>) =>
    typeof token === 'string' ? token : undefined;

  return createApiHandler({
    telemetry,
    refuse,
    routes: {
      'GET /upload': look,
      'HEAD /upload': async () => ({ response: empty(200), outcome: 'headed' }),
      'POST /upload/files': files,
      'POST /upload/open': open,
      'POST /upload/form': form,
      'POST /upload/parts': parts,
      'POST /upload/remove': remove,
      'POST /upload/finish': finish,
    },
  });
}
