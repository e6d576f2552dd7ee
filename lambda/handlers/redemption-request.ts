import type { Refusal } from '../domain/errors.ts';
import { inspectToken } from '../domain/inspect-token.ts';
import type { SecondChances } from '../domain/ports.ts';
import type { Delivery, Opening, TokenRecord } from '../domain/records.ts';
import type { NotRedeemed, Redeemed, RedeemRequest } from '../domain/redemption.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { secondChanceSeconds } from '../domain/second-chance.ts';
import { preference } from '../http/accept.ts';
import type { Reply } from '../http/api-handler.ts';
import { readFields } from '../http/body.ts';
import { checkQuery } from '../http/check.ts';
import { page, type Site } from '../http/page.ts';
import { isPrefetch } from '../http/prefetch.ts';
import { statusOf } from '../http/problem.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { redirect, temporaryRedirect } from '../http/response.ts';
import { redeemBody, tokenQuery } from '../http/schemas.ts';
import { secretCookie, secretIn } from '../http/second-chance-cookie.ts';
import { type ConfirmView, confirmPage } from '../views/confirm-page.ts';
import type { CodeProblem } from '../views/messages.ts';

/* Reads and refuses requests to redeem a link, whether for a URL or for bytes. */

/** Reads a POST from the page's form or from a program. */
export function readPosted(request: ApiRequest): Result<RedeemRequest, Refusal> {
  const fields = readFields(request, redeemBody);
  if (!fields.ok) return fields;
  const { token, code } = fields.value;
  return ok({ ...redeemRequest(request, token, 'confirm'), code });
}

/** Reads a GET from a program. */
export function readDirect(request: ApiRequest): Result<RedeemRequest, Refusal> {
  if (isPrefetch(request)) return fail({ code: 'prefetch_refused' });
  const query = checkQuery(tokenQuery, request.query);
  return query.ok ? ok(redeemRequest(request, query.value.token, 'direct')) : query;
}

function redeemRequest(request: ApiRequest, token: string, opening: Opening): RedeemRequest {
  const { sourceAddress, userAgent, throughProxy } = request;
  return {
    token,
    opening,
    ...(throughProxy && { throughProxy }),
    ...(wantsPart(request) && { wantsPart: true }),
    secretFor: (tokenId) => secretIn(request, tokenId),
    sourceAddress,
    userAgent,
  };
}

/**
 * Returns whether a request is for only part of the file. Sending a part would spend the link and make the rest
 * unavailable. `bytes=0-` requests the whole file (RFC 9110, section 14.2).
 */
export function wantsPart(request: ApiRequest): boolean {
  const range = request.header('range')?.trim();
  return range !== undefined && range !== 'bytes=0-';
}

/** Successful redemption or reissue. */
type HandedOver = Pick<Redeemed<unknown>, 'secret' | 'reissued'> & { readonly record: TokenRecord };

/** Adds the fields of the log line to a response, and a cookie if there is a second-chance secret. */
export function handedOver(
  { record: { tokenId }, secret, reissued }: HandedOver,
  response: Reply['response'],
) {
  const headers = { ...response.headers, ...secretCookie(tokenId, secret) };
  const line = reissued
    ? ({ outcome: 'reissued', milestone: 'FileReissued' } as const)
    : ({ outcome: 'redeemed', milestone: 'TokenRedeemed' } as const);
  return { ...line, tokenId, response: { ...response, headers } };
}

/** Returns the path that redeems a link. Deliveries that send bytes have their own paths and functions. */
function pathOf(opening: Opening, delivery: Delivery): string {
  const path = opening === 'confirm' ? '/redeem' : '/download';
  return delivery === 'redirect' || delivery === 'proxy' ? path : `${path}/${delivery}`;
}

export type RefusalDependencies = Parameters<typeof inspectToken>[0] &
  Site &
  Pick<ConfirmView, 'downloadSeconds'> & {
    readonly secondChances?: SecondChances | undefined;
    /** Deliveries that the options turn off. Links with them may still be live. @default none */
    readonly deliveriesOff?: readonly string[];
  };

/**
 * Creates a function that responds to failed redemptions with the page that asks for the code, a redirect to the right
 * address, or a refusal.
 */
export function createRedemptionRefusal(deps: RefusalDependencies) {
  const { publicOrigin, deliveriesOff = [] } = deps;
  const refuse = createRefusal(deps);

  /** Returns the refusal that a person sees. Even after a link's expiry, a person must learn that it was redeemed. */
  async function explained(request: ApiRequest, token: string, refusal: Refusal): Promise<Refusal> {
    if (refusal.code !== 'token_expired' || preference(request) !== 'page') return refusal;
    const inspected = await inspectToken(deps, token, request.sourceAddress);
    return inspected.ok ? refusal : inspected.error;
  }

  /** Shows the link's page again, with an error message about the code. */
  async function askAgain(request: ApiRequest, token: string, codeProblem: CodeProblem): Promise<Reply> {
    const inspected = await inspectToken(deps, token, request.sourceAddress);
    if (!inspected.ok) return refuse(request, inspected.error, { token });
    const { downloadSeconds } = deps;
    const record = inspected.value;
    const againSeconds = secondChanceSeconds(deps, record);
    const link = { origin: publicOrigin, record, token, now: deps.clock() };
    const view = { ...link, downloadSeconds, againSeconds, codeProblem };
    const response = page(deps, request, statusOf(codeProblem), (theme) => confirmPage(view, theme));
    return { response, outcome: codeProblem.code, tokenId: record.tokenId };
  }

  return async (
    request: ApiRequest,
    { token, opening }: RedeemRequest,
    error: NotRedeemed,
  ): Promise<Reply> => {
    switch (error.code) {
      case 'confirm_first':
        return { response: redirect(`${publicOrigin}/redeem?token=${token}`), outcome: 'confirm-first' };
      case 'wrong_delivery': {
        // The route does not exist, so API Gateway would tell the holder to sign the request.
        if (deliveriesOff.includes(error.delivery)) return refuse(request, { code: 'token_unknown' });
        // After a redirect, a POST still has its body. A GET has none, so the token has to be added to the new address.
        const query = opening === 'direct' ? `?token=${token}` : '';
        const address = `${publicOrigin}${pathOf(opening, error.delivery)}`;
        // If the proxy sent the wrong secret, a redirect would loop.
        if (error.delivery === 'proxy' && !request.throughProxy) {
          return refuse(request, { code: 'use_proxy', address }, { token });
        }
        return { response: temporaryRedirect(`${address}${query}`), outcome: 'delivered-otherwise' };
      }
      // For an authentic link, only the code can be malformed.
      case 'invalid_request':
      case 'code_required':
      case 'wrong_code':
        return preference(request) === 'page'
          ? await askAgain(request, token, error)
          : refuse(request, error);
      default:
        return refuse(request, await explained(request, token, error), { token });
    }
  };
}
