import type { Refusal } from '../domain/errors.ts';
import { inspectToken } from '../domain/inspect-token.ts';
import type { Telemetry } from '../domain/ports.ts';
import type { Opening } from '../domain/records.ts';
import { type RedeemDependencies, type Redemption, redeemToken } from '../domain/redeem-token.ts';
import { preference } from '../http/accept.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { readBody } from '../http/body.ts';
import { check, checkQuery } from '../http/check.ts';
import type { Site } from '../http/page.ts';
import { isPrefetch } from '../http/prefetch.ts';
import { timestamp } from '../http/problem.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { json, redirect } from '../http/response.ts';
import { tokenBody, tokenQuery } from '../http/schemas.ts';

export interface RedeemHandlerDependencies extends Omit<RedeemDependencies, 'report'>, Site {
  readonly telemetry: Telemetry;
}

/** `POST /redeem` for the button and for clients, `GET /download` for links that were issued to programs. */
export function createRedeemHandler(deps: RedeemHandlerDependencies) {
  const { telemetry, publicOrigin } = deps;
  const refuse = createRefusal(deps);
  const domain: RedeemDependencies = { ...deps, report: telemetry.report };

  async function redeemPosted(request: ApiRequest): Promise<Reply> {
    const body = readBody(request);
    if (!body.ok) return refuse(request, body.error);
    const fields = check(tokenBody, body.value, 'body');
    if (!fields.ok) return refuse(request, fields.error);
    return redeem(request, fields.value.token, 'confirm');
  }

  async function redeemDirectly(request: ApiRequest): Promise<Reply> {
    if (isPrefetch(request)) return refuse(request, { code: 'prefetch_refused' });
    const query = checkQuery(tokenQuery, request.query);
    if (!query.ok) return refuse(request, query.error);
    return redeem(request, query.value.token, 'direct');
  }

  async function redeem(request: ApiRequest, token: string, opening: Opening): Promise<Reply> {
    const { sourceAddress, userAgent } = request;
    const redeemed = await redeemToken(domain, { token, opening, sourceAddress, userAgent });
    if (redeemed.ok) return hand(request, redeemed.value);
    if (redeemed.error.code === 'confirm_first') {
      return { response: redirect(`${publicOrigin}/redeem?token=${token}`), outcome: 'confirm-first' };
    }
    return refuse(request, await explained(request, token, redeemed.error), { token });
  }

  /** Someone who reads a page is told whether a new link can be had, which an expired token alone does not say. */
  async function explained(request: ApiRequest, token: string, refusal: Refusal): Promise<Refusal> {
    if (refusal.code !== 'token_expired' || preference(request) !== 'page') return refusal;
    const inspected = await inspectToken(deps, token);
    return inspected.ok ? refusal : inspected.error;
  }

  return createApiHandler({
    telemetry,
    refuse,
    routes: { 'POST /redeem': redeemPosted, 'GET /download': redeemDirectly },
  });
}

/** Gives the URL away: as a redirect, or as JSON to a client that asked for it and cannot read redirects. */
function hand(request: ApiRequest, { record, asset, url, urlExpiresAt }: Redemption): Reply {
  const line = { outcome: 'redeemed', tokenId: record.tokenId, milestone: 'TokenRedeemed' } as const;
  if (preference(request) !== 'json') return { ...line, response: redirect(url) };
  const { fileName, size, sha256 } = asset;
  const facts = { url, expiresAt: timestamp(urlExpiresAt), fileName, size, ...(sha256 && { sha256 }) };
  return { ...line, response: json(200, facts) };
}
