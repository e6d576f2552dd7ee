import { type IssueLinkDependencies, issueLink } from '../domain/issue-link.ts';
import type { Telemetry } from '../domain/ports.ts';
import type { Issuer } from '../domain/records.ts';
import { type RevokeDependencies, revokeToken } from '../domain/revoke-token.ts';
import { createApiHandler, type Refuse, type Reply } from '../http/api-handler.ts';
import { readBody } from '../http/body.ts';
import { check } from '../http/check.ts';
import { timestamp } from '../http/problem.ts';
import { refuseProgram } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { empty, json, problem } from '../http/response.ts';
import { linkPath, linkRequest } from '../http/schemas.ts';

export type LinksDependencies = Omit<IssueLinkDependencies & RevokeDependencies, 'report' | 'store'> & {
  readonly store: IssueLinkDependencies['store'] & RevokeDependencies['store'];
  readonly telemetry: Telemetry;
  readonly publicOrigin: string;
  /** The lifetime of a link whose caller names none, in seconds. */
  readonly lifetimeSeconds: number;
};

/** `/links`, for callers that API Gateway has let through by their signature. */
export function createLinksHandler(deps: LinksDependencies) {
  const { telemetry, publicOrigin } = deps;
  const domain = { ...deps, report: telemetry.report };

  async function issue(request: ApiRequest): Promise<Reply> {
    const issuedBy = callerOf(request);
    const body = readBody(request);
    if (!body.ok) return refuseProgram(request, body.error);
    const fields = check(linkRequest, body.value, 'body');
    if (!fields.ok) return refuseProgram(request, fields.error);
    const { asset, open, expiresIn: lifetimeSeconds = deps.lifetimeSeconds } = fields.value;
    const issued = await issueLink(domain, { asset, open, issuedBy, lifetimeSeconds });
    if (!issued.ok) return refuseProgram(request, issued.error);
    const { record, token } = issued.value;
    const { tokenId } = record;
    const path = open === 'direct' ? 'download' : 'redeem';
    const url = `${publicOrigin}/${path}?token=${token}`;
    const link = { tokenId, token, url, expiresAt: timestamp(record.expiresAt) };
    return { response: json(201, link), outcome: 'issued', tokenId, milestone: 'LinkIssued' };
  }

  async function revoke(request: ApiRequest): Promise<Reply> {
    const revokedBy = callerOf(request);
    const path = check(linkPath, request.path, 'path');
    if (!path.ok) return refuseProgram(request, path.error);
    const { tokenId } = path.value;
    const revoked = await revokeToken(domain, tokenId, revokedBy);
    if (!revoked.ok) return { ...refuseRevocation(request, revoked.error), tokenId };
    return { response: empty(204), outcome: 'revoked', tokenId, milestone: 'LinkRevoked' };
  }

  return createApiHandler({
    telemetry,
    refuse: refuseProgram,
    routes: { 'POST /links': issue, 'DELETE /links/{tokenId}': revoke },
  });
}

/** What was redeemed cannot be revoked: here that is a conflict with the state of the link, not a missing right. */
const refuseRevocation: Refuse = (request, refusal) =>
  refusal.code === 'token_redeemed'
    ? { response: problem(refusal, 409), outcome: refusal.code }
    : refuseProgram(request, refusal);

/** @throws Error when API Gateway names no caller: the route has lost its authorisation, so nothing may happen */
function callerOf({ callerArn }: ApiRequest): Issuer {
  if (callerArn?.startsWith('arn:') !== true) throw new Error('A signed route was called without a caller');
  return callerArn as Issuer;
}
