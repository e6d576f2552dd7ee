import type { Refusal } from '../domain/errors.ts';
import { type InspectDependencies, inspectToken } from '../domain/inspect-token.ts';
import type { SecondChances, Telemetry } from '../domain/ports.ts';
import type { ProofPolicy } from '../domain/proof-of-work.ts';
import type { FormLimits } from '../domain/quota-rules.ts';
import type { IsAllowedFrom } from '../domain/redemption.ts';
import { findSecondChance, secondChanceSeconds } from '../domain/second-chance.ts';
import { timestamp } from '../domain/timestamp.ts';
import { preference } from '../http/accept.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { checkQuery } from '../http/check.ts';
import { page, type Site } from '../http/page.ts';
import { isPrefetch } from '../http/prefetch.ts';
import { createRefusal, type NextStep } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { empty, json } from '../http/response.ts';
import { formQuery, tokenQuery } from '../http/schemas.ts';
import { confirmPage } from '../views/confirm-page.ts';
import type { LocalizedTheme } from '../views/localized-theme.ts';
import { provenFormSecurityPolicy } from '../views/proof-security-policy.ts';
import { requestPage } from '../views/request-page.ts';

export interface PagesDependencies extends InspectDependencies, Site {
  readonly isAllowedFrom: IsAllowedFrom;
  readonly telemetry: Telemetry;
  readonly limits: FormLimits;
  readonly lifetimeSeconds: number;
  readonly downloadSeconds: number;
  /** Absent if second chances are turned off. */
  readonly secondChances?: Pick<SecondChances, 'find'> | undefined;
  /** Absent if requests never need a proof of work. */
  readonly proofPolicy?: ProofPolicy | undefined;
}

/**
 * Creates the handler of the request form and the link pages. The handler changes nothing, so people and mail scanners
 * can open the pages any number of times.
 */
export function createPagesHandler(deps: PagesDependencies) {
  const { telemetry, publicOrigin: origin, limits, proofPolicy, secondChances } = deps;
  const refuse = createRefusal(deps);
  const formHeaders = proofPolicy && {
    'Content-Security-Policy': provenFormSecurityPolicy(deps.filesOrigin, deps.brand),
  };

  async function showForm(request: ApiRequest): Promise<Reply> {
    const query = checkQuery(formQuery, request.query);
    if (!query.ok) return refuse(request, query.error);
    const { asset } = query.value;
    const lifetimeMinutes = Math.floor(deps.lifetimeSeconds / 60);
    const view = { origin, lifetimeMinutes, limits, proofPolicy, ...(asset !== undefined && { asset }) };
    const write = (theme: LocalizedTheme) => requestPage(view, theme);
    const response = page(deps, request, 200, write, formHeaders);
    return { response, outcome: 'form' };
  }

  /** Returns what a refused link's error page needs for its next step. Only people are offered the file again. */
  async function nextStepOf(request: ApiRequest, token: string, { code }: Refusal): Promise<NextStep> {
    const mayBeOpen = secondChances && code === 'token_redeemed' && preference(request) === 'page';
    const chance = mayBeOpen ? await findSecondChance(deps, secondChances, token) : undefined;
    if (chance === undefined) return { token };
    const { expiresAt: until, record } = chance;
    return { token, again: { until, delivery: record.delivery } };
  }

  async function showLink(request: ApiRequest): Promise<Reply> {
    if (isPrefetch(request)) return refuse(request, { code: 'prefetch_refused' });
    const query = checkQuery(tokenQuery, request.query);
    if (!query.ok) return refuse(request, query.error);
    const { token } = query.value;
    const inspected = await inspectToken(deps, token, request.sourceAddress);
    if (!inspected.ok)
      return refuse(request, inspected.error, await nextStepOf(request, token, inspected.error));
    const record = inspected.value;
    const { asset, tokenId, expiresAt } = record;
    if (preference(request) !== 'json') {
      const againSeconds = secondChanceSeconds(deps, record);
      const { downloadSeconds } = deps;
      const view = { origin, record, token, downloadSeconds, againSeconds, now: deps.clock() };
      const response = page(deps, request, 200, (theme) => confirmPage(view, theme));
      return { response, outcome: 'looked-at', tokenId };
    }
    const facts = {
      status: 'live',
      fileName: asset.fileName,
      type: asset.type,
      size: asset.size,
      sha256: asset.sha256,
      expiresAt: timestamp(expiresAt),
      codeRequired: record.presenceCode,
    };
    return { response: json(200, facts), outcome: 'looked-at', tokenId };
  }

  return createApiHandler({
    telemetry,
    refuse,
    proxySecretSha256: deps.proxySecretSha256,
    routes: {
      'GET /': showForm,
      'GET /redeem': showLink,
      'HEAD /redeem': async () => ({ response: empty(200), outcome: 'headed' }),
    },
  });
}
