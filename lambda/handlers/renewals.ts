import type { Refusal } from '../domain/errors.ts';
import { type RenewLinkDependencies, renewLink } from '../domain/renew-link.ts';
import { type ReportRedemptionDependencies, reportRedemption } from '../domain/report-redemption.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { preference } from '../http/accept.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { check } from '../http/check.ts';
import { languageOf } from '../http/language.ts';
import { page } from '../http/page.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { json, redirect } from '../http/response.ts';
import { tokenBody } from '../http/schemas.ts';
import { countedSource } from '../http/source.ts';
import { reportedPage } from '../views/reported-page.ts';
import { accepted, type PublicRequestDependencies, readCounted } from './public-request.ts';
import { withConstantTiming } from './with-constant-timing.ts';

export type RenewalsDependencies = PublicRequestDependencies &
  Pick<RenewLinkDependencies, 'keys' | 'store' | 'history'> &
  Pick<ReportRedemptionDependencies, 'secondChances'>;

/**
 * Creates the handler for holders of ended links, who can request a new link, or report that somebody else redeemed
 * their link.
 */
export function createRenewalsHandler(deps: RenewalsDependencies) {
  const { publicOrigin } = deps;
  const refuse = createRefusal(deps);
  const domain = { ...deps, report: deps.telemetry.report };

  async function readToken(request: ApiRequest): Promise<Result<string, Refusal>> {
    const body = await readCounted(deps, request);
    if (!body.ok) return body;
    const fields = check(tokenBody, body.value, 'body');
    return fields.ok ? ok(fields.value.token) : fail(fields.error);
  }

  async function renew(request: ApiRequest): Promise<Reply> {
    const token = await readToken(request);
    if (!token.ok) return refuse(request, token.error);
    const renewed = await withConstantTiming(deps, () =>
      renewLink(domain, token.value, {
        source: countedSource(request.sourceAddress),
        language: languageOf(request),
      }),
    );
    if (renewed.ok) return accepted(deps, request, renewed.value);
    if (renewed.error.code !== 'still_live') return refuse(request, renewed.error);
    return { response: redirect(`${publicOrigin}/redeem?token=${token.value}`), outcome: 'still-live' };
  }

  async function report(request: ApiRequest): Promise<Reply> {
    const token = await readToken(request);
    if (!token.ok) return refuse(request, token.error);
    const reported = await reportRedemption(domain, token.value);
    if (!reported.ok) return refuse(request, reported.error);
    // The report is counted only once per redemption, because every count raises an alarm.
    const { tokenId, noted } = reported.value;
    const line =
      noted === 'appended'
        ? ({ tokenId, outcome: 'reported', milestone: 'RedemptionReported' } as const)
        : { tokenId, outcome: 'reported-before' };
    if (preference(request) !== 'page') return { ...line, response: json(200, { status: 'reported' }) };
    const view = { origin: publicOrigin };
    return { ...line, response: page(deps, request, 200, (theme) => reportedPage(view, theme)) };
  }

  return createApiHandler({
    telemetry: deps.telemetry,
    refuse,
    proxySecretSha256: deps.proxySecretSha256,
    routes: { 'POST /redeem/renew': renew, 'POST /redeem/report': report },
  });
}
