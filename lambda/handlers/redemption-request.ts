import type { Refusal } from '../domain/errors.ts';
import { inspectToken } from '../domain/inspect-token.ts';
import type { SecondChances } from '../domain/ports.ts';
import type { Delivery, Opening, TokenRecord } from '../domain/records.ts';
import type { NotRedeemed, Redeemed, RedeemRequest } from '../domain/redemption.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { secondChanceSeconds } from '../domain/second-chance.ts';
import { preference } from '../http/accept.ts';
import type { Reply } from '../http/api-handler.ts';
import { readBody } from '../http/body.ts';
import { check, checkQuery } from '../http/check.ts';
import { page, type Site } from '../http/page.ts';
import { isPrefetch } from '../http/prefetch.ts';
import { statusOf } from '../http/problem.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { elsewhere, redirect } from '../http/response.ts';
import { redeemBody, tokenQuery } from '../http/schemas.ts';
import { secretCookie, secretIn } from '../http/second-chance-cookie.ts';
import { type ConfirmView, confirmPage } from '../views/confirm-page.ts';
import type { CodeProblem } from '../views/messages.ts';

/*
 * What redemptions share, whether they end in a URL or in bytes: how they are requested and how they are refused.
 */

/** Reads the button's form or a client's post. */
export function readPosted(request: ApiRequest): Result<RedeemRequest, Refusal> {
  const body = readBody(request);
  if (!body.ok) return body;
  const fields = check(redeemBody, body.value, 'body');
  if (!fields.ok) return fields;
  const { token, code } = fields.value;
  return ok({ ...redeemRequest(request, token, 'confirm'), code });
}

/** Reads a program's GET. */
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
 * Tells whether a request wants only part of the file. A part would spend the link and leave the rest out of reach.
 * `bytes=0-` is the whole (RFC 9110, section 14.2).
 */
export function wantsPart(request: ApiRequest): boolean {
  const range = request.header('range')?.trim();
  return range !== undefined && range !== 'bytes=0-';
}

/** Represents what was handed out: by a redemption, or again in its second chance. */
type HandedOver = Pick<Redeemed<unknown>, 'secret' | 'reissued'> & { readonly record: TokenRecord };

/** Returns an answer with the secret for a second chance, if there is one, and what the log says about it. */
export function handedOver(
  { record: { tokenId }, secret, reissued }: HandedOver,
  response: Reply['response'],
) {
  const headers = { ...response.headers, ...secretCookie(tokenId, secret) };
  const line = reissued
    ? { outcome: 'reissued' }
    : ({ outcome: 'redeemed', milestone: 'TokenRedeemed' } as const);
  return { ...line, tokenId, response: { ...response, headers } };
}

/** Maps each way of opening and each delivery to its path. */
const PATHS: Readonly<Record<Opening, Readonly<Record<Delivery, string>>>> = {
  confirm: {
    redirect: '/redeem',
    stream: '/redeem/stream',
    proxy: '/redeem',
    watermark: '/redeem/watermark',
    zip: '/redeem/zip',
  },
  direct: {
    redirect: '/download',
    stream: '/download/stream',
    proxy: '/download',
    watermark: '/download/watermark',
    zip: '/download/zip',
  },
};

export type RefusalDependencies = Parameters<typeof inspectToken>[0] &
  Site &
  Pick<ConfirmView, 'downloadSeconds'> & { readonly secondChances?: SecondChances | undefined };

/** Answers a redemption that was not made: with the right address, the page that asks for the code, or the reason. */
export function createRedemptionRefusal(deps: RefusalDependencies) {
  const { publicOrigin } = deps;
  const refuse = createRefusal(deps);

  /** Tells a person who reads a page whether a new link can be had, which an expired token alone does not say. */
  async function explained(request: ApiRequest, token: string, refusal: Refusal): Promise<Refusal> {
    if (refusal.code !== 'token_expired' || preference(request) !== 'page') return refusal;
    const inspected = await inspectToken(deps, token, request.sourceAddress);
    return inspected.ok ? refusal : inspected.error;
  }

  /** Shows the page of the link again, with what is wrong with the code. */
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
        // A posted token travels in the body; a token in an address must be repeated in the next one.
        const query = opening === 'direct' ? `?token=${token}` : '';
        const address = `${publicOrigin}${PATHS[opening][error.delivery]}`;
        // A redirect would lead in circles if the proxy has another secret than we think.
        if (error.delivery === 'proxy' && !request.throughProxy) {
          return refuse(request, { code: 'use_proxy', address }, { token });
        }
        return { response: elsewhere(`${address}${query}`), outcome: 'delivered-otherwise' };
      }
      // Of an authentic link, only the code can be malformed.
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
