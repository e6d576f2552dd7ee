import { epochSeconds } from '../domain/ids.ts';
import type { Telemetry } from '../domain/ports.ts';
import type { SourceLimitDependencies } from '../domain/request-link.ts';
import {
  type FilesOfLinkDependencies,
  filesOfLink,
  type RemoveFileDependencies,
  removeFile,
  signFileParts,
  withStoredParts,
} from '../domain/upload-links/link-files.ts';
import { type OpenFileDependencies, openFile, openForm } from '../domain/upload-links/open-file.ts';
import { withFiles } from '../domain/upload-links/own-links.ts';
import type { FormSigner } from '../domain/upload-links/ports.ts';
import { presentLink, whileOpen } from '../domain/upload-links/present-link.ts';
import { keyOfUpload, type Upload } from '../domain/uploads/upload.ts';
import type { UploadPartsDependencies } from '../domain/uploads/upload-parts.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { readFields } from '../http/body.ts';
import { check, checkQuery } from '../http/check.ts';
import { fileBody, filePartsBody, formBody, openFileBody } from '../http/link-upload-request.ts';
import { page, type Site } from '../http/page.ts';
import { isPrefetch } from '../http/prefetch.ts';
import { createRefusal } from '../http/refuse.ts';
import { createUploadRefusal } from '../http/refuse-upload.ts';
import type { ApiRequest } from '../http/request.ts';
import { empty, json, redirect } from '../http/response.ts';
import { tokenBody, tokenQuery } from '../http/schemas.ts';
import { fileView, linkFilesView } from '../http/upload-link-view.ts';
import { partsView } from '../http/upload-view.ts';
import { uploadAddress } from '../views/addresses.ts';
import type { LocalizedTheme } from '../views/localized-theme.ts';
import { typeByName } from '../views/upload-endings.ts';
import { isUploadProblem, type ShownFile, uploadFormPage, uploadPage } from '../views/upload-page.ts';
import { uploadPageSecurityPolicy } from '../views/upload-security-policy.ts';
import { readCounted } from './public-request.ts';

type Domain = OpenFileDependencies &
  FilesOfLinkDependencies &
  UploadPartsDependencies &
  RemoveFileDependencies &
  SourceLimitDependencies;

export interface ReceiveDependencies extends Omit<Domain, 'quarantine' | 'limits' | 'quota'>, Site {
  readonly quarantine: OpenFileDependencies['quarantine'] & UploadPartsDependencies['quarantine'];
  readonly quota: OpenFileDependencies['quota'];
  readonly limits: OpenFileDependencies['limits'] & SourceLimitDependencies['limits'];
  readonly forms: FormSigner;
  readonly telemetry: Telemetry;
}

/**
 * Creates the handler of the page on which the holder of an upload link sends files. Viewing the page changes nothing.
 * The page can also show a finished link. All other requests require an open one. Requests to add a file are counted
 * per source.
 */
export function createReceiveHandler(deps: ReceiveDependencies) {
  const { telemetry, publicOrigin: origin, filesOrigin, brand } = deps;
  const refuse = createRefusal(deps);
  const refuseForm = createUploadRefusal(refuse, origin);
  const headers = { 'Content-Security-Policy': uploadPageSecurityPolicy(filesOrigin, brand) };
  const show = (request: ApiRequest, write: (theme: LocalizedTheme) => string) =>
    page(deps, request, 200, write, headers);

  async function look(request: ApiRequest): Promise<Reply> {
    if (isPrefetch(request)) return refuse(request, { code: 'prefetch_refused' });
    const query = checkQuery(tokenQuery, request.query);
    if (!query.ok) return refuse(request, query.error);
    const { token } = query.value;
    const presented = await presentLink(deps, token);
    if (!presented.ok) return refuse(request, presented.error);
    const link = presented.value;
    const { linkId: tokenId, purpose, mostFiles, mostBytes, types, expiresAt } = link;
    const now = deps.clock();
    const open = whileOpen(link, epochSeconds(now));
    if (!open.ok && link.state !== 'finished') return { ...refuse(request, open.error), tokenId };
    const { files: uploads } = await withFiles(deps, link);
    // S3 adds the key when it redirects the browser back (Amazon S3 API Reference, "POST Object").
    const files = shownFiles(uploads, request.query.key?.[0]);
    const state = open.ok ? 'open' : 'finished';
    const [problem] = request.query.problem ?? [];
    const terms = { purpose, mostFiles, mostBytes, types, expiresAt };
    const said = isUploadProblem(problem) && { problem };
    const view = { origin, token, state, files, now, ...terms, ...said } as const;
    return { response: show(request, (theme) => uploadPage(view, theme)), outcome: 'looked-at', tokenId };
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
    const { token, fileName, size, type, crc64nvme: base64 } = fields.value;
    const declared = { fileName, size, type, checksum: { kind: 'crc64nvme', base64 } as const };
    const opened = await openFile(deps, token, declared);
    if (!opened.ok) return refuse(request, opened.error);
    const { uploadId } = opened.value;
    const response = json(201, fileView(await withStoredParts(deps, opened.value)));
    return { response, outcome: 'opened', uploadId, milestone: 'UploadOpened' };
  }

  async function form(request: ApiRequest): Promise<Reply> {
    const body = await readCounted(deps, request);
    if (!body.ok) return refuse(request, body.error);
    const fields = check(formBody, body.value, 'body');
    if (!fields.ok) return refuse(request, fields.error);
    const { token, fileName } = fields.value;
    const returnTo = uploadAddress(origin, token);
    const opened = await openForm(deps, token, { fileName, typeOf: typeByName, returnTo });
    if (!opened.ok) return refuseForm(request, opened.error, token);
    const { upload, form } = opened.value;
    const { uploadId } = upload;
    if (form === undefined) return { response: redirect(returnTo), outcome: 'known', uploadId };
    const response = show(request, (theme) => uploadFormPage({ origin, token, fileName, ...form }, theme));
    return { response, outcome: 'opened', uploadId, milestone: 'UploadOpened' };
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
    const { uploadId } = fields.value;
    const removed = await removeFile(deps, fields.value);
    if (!removed.ok) return { ...refuse(request, removed.error), uploadId };
    return { response: empty(204), outcome: 'removed', uploadId };
  }

  return createApiHandler({
    telemetry,
    refuse,
    proxySecretSha256: deps.proxySecretSha256,
    routes: {
      'GET /upload': look,
      'HEAD /upload': async () => ({ response: empty(200), outcome: 'headed' }),
      'POST /upload/files': files,
      'POST /upload/open': open,
      'POST /upload/form': form,
      'POST /upload/parts': parts,
      'POST /upload/remove': remove,
    },
  });
}

/**
 * Returns the files to show on the page. It leaves out files whose form was shown but never submitted.
 *
 * @param arrived key of the object that S3 has just stored, according to the browser
 */
function shownFiles(uploads: readonly Upload[], arrived: string | undefined): readonly ShownFile[] {
  return uploads.flatMap(({ uploadId, fileName, size, state: before, reason, checksum }) => {
    const state = before === 'created' && arrived === keyOfUpload(uploadId) ? 'uploaded' : before;
    const isUnknown = checksum.base64 === '';
    if (isUnknown && state === 'created') return [];
    return [{ fileName, state, ...(!isUnknown && { size }), ...(reason !== undefined && { reason }) }];
  });
}
