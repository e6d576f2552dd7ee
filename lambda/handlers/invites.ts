import type { LinkId, Tenant } from '../domain/ids.ts';
import type { Pseudonyms, Telemetry } from '../domain/ports.ts';
import { extendLink } from '../domain/upload-links/extend-link.ts';
import { type InviteDependencies, invite } from '../domain/upload-links/invite.ts';
import { findOwnLink, listOwnLinks, withFiles } from '../domain/upload-links/own-links.ts';
import type { UploadLinks } from '../domain/upload-links/ports.ts';
import { type RevokeLinkDependencies, revokeLink } from '../domain/upload-links/revoke-link.ts';
import { createApiHandler, type Refuse, type Reply } from '../http/api-handler.ts';
import { readFields } from '../http/body.ts';
import { check, checkQuery } from '../http/check.ts';
import { readIdempotencyKey, repetitionOf } from '../http/idempotency-key.ts';
import { languageOf } from '../http/language.ts';
import { refuseProgram } from '../http/refuse-program.ts';
import type { ApiRequest } from '../http/request.ts';
import { empty, json, problem } from '../http/response.ts';
import { tenantRoutes, type VerifyBearer } from '../http/tenant.ts';
import {
  extendRequest,
  inviteRequest,
  uploadLinkPath,
  uploadLinksQuery,
} from '../http/upload-link-request.ts';
import { invitationView, uploadLinkView } from '../http/upload-link-view.ts';
import { uploadAddress } from '../views/addresses.ts';

export type InvitesDependencies = Omit<InviteDependencies & RevokeLinkDependencies, 'report' | 'links'> & {
  readonly links: Omit<UploadLinks, 'untold'>;
  readonly pseudonyms: Pseudonyms;
  readonly telemetry: Telemetry;
  readonly publicOrigin: string;
  readonly verify?: VerifyBearer | undefined;
};

/** Creates the handler of a tenant's upload links. It issues, lists, shows, extends, and revokes them. */
export function createInvitesHandler(deps: InvitesDependencies) {
  const { telemetry, publicOrigin } = deps;
  const domain = { ...deps, report: telemetry.report };

  async function make(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    const key = readIdempotencyKey(request);
    if (!key.ok) return refuseProgram(request, key.error);
    const fields = readFields(request, inviteRequest);
    if (!fields.ok) return refuseProgram(request, fields.error);
    const { for: purpose, to, notify, files, maxBytes, types, expiresIn, reveal } = fields.value;
    const named = { caller: tenant, key: key.value, fields: fields.value };
    const repetition = await repetitionOf(deps.pseudonyms, named);
    const invited = await invite(
      domain,
      {
        tenant,
        inviter: request.caller?.arn ?? tenant,
        purpose,
        mostFiles: files,
        lifetimeSeconds: expiresIn,
        language: languageOf(request),
        ...(to !== undefined && { to }),
        ...(notify !== undefined && { notify }),
        ...(maxBytes !== undefined && { mostBytes: maxBytes }),
        ...(types !== undefined && { types }),
      },
      repetition,
    );
    if (!invited.ok) return refuseProgram(request, invited.error);
    const { link, token } = invited.value;
    const isShown = to === undefined || reveal;
    const url = isShown ? uploadAddress(publicOrigin, token) : undefined;
    return {
      response: json(201, invitationView(link, url)),
      outcome: 'invited',
      milestone: 'UploadLinkIssued',
      tokenId: link.linkId,
    };
  }

  async function list(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    const query = checkQuery(uploadLinksQuery, request.query);
    if (!query.ok) return refuseProgram(request, query.error);
    const { limit, cursor } = query.value;
    const page = { limit, ...(cursor !== undefined && { after: cursor }) };
    const { links, next } = await listOwnLinks(deps, tenant, page);
    const body = { links: links.map((link) => uploadLinkView(link, deps.clock())), cursor: next };
    return { response: json(200, body), outcome: 'listed' };
  }

  async function show(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutLink(request, async (linkId) => {
      const found = await findOwnLink(deps, linkId, tenant);
      if (!found.ok) return refuseProgram(request, found.error);
      const view = uploadLinkView(await withFiles(deps, found.value), deps.clock());
      return { response: json(200, view), outcome: 'shown' };
    });
  }

  async function extend(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutLink(request, async (linkId) => {
      const fields = readFields(request, extendRequest);
      if (!fields.ok) return refuseProgram(request, fields.error);
      const extended = await extendLink(deps, { linkId, tenant, seconds: fields.value.expiresIn });
      if (!extended.ok) return refuseChange(request, extended.error);
      const view = uploadLinkView(await withFiles(deps, extended.value), deps.clock());
      return { response: json(200, view), outcome: 'extended' };
    });
  }

  async function revoke(request: ApiRequest, tenant: Tenant): Promise<Reply> {
    return await aboutLink(request, async (linkId) => {
      const found = await findOwnLink(deps, linkId, tenant);
      if (!found.ok) return refuseProgram(request, found.error);
      const revoked = await revokeLink(deps, linkId, request.caller?.arn ?? tenant);
      if (!revoked.ok) return refuseChange(request, revoked.error);
      return { response: empty(204), outcome: 'revoked', milestone: 'UploadLinkRevoked' };
    });
  }

  return createApiHandler({
    telemetry,
    refuse: refuseProgram,
    routes: tenantRoutes(
      {
        'POST /upload-links': make,
        'GET /upload-links': list,
        'GET /upload-links/{linkId}': show,
        'POST /upload-links/{linkId}/extend': extend,
        'DELETE /upload-links/{linkId}': revoke,
      },
      deps.verify,
    ),
  });
}

/** Handles a request about the link named in its path, and adds the link ID to the log line. */
async function aboutLink(request: ApiRequest, handle: (linkId: LinkId) => Promise<Reply>): Promise<Reply> {
  const path = check(uploadLinkPath, request.path, 'linkId');
  if (!path.ok) return refuseProgram(request, { code: 'not_found' });
  const { linkId } = path.value;
  return { ...(await handle(linkId)), tokenId: linkId };
}

/**
 * Responds with 409 to an attempt to change a finished or revoked link, because the problem is the link's state, not a
 * missing permission.
 */
const refuseChange: Refuse = (request, refusal) =>
  refusal.code === 'token_redeemed' || refusal.code === 'token_revoked'
    ? { response: problem(refusal, 409), outcome: refusal.code }
    : refuseProgram(request, refusal);
