import { type RedeemDependencies, type Redemption, redeemToken } from '../domain/deliveries.ts';
import type { Refusal } from '../domain/errors.ts';
import type { Telemetry } from '../domain/ports.ts';
import type { RedeemRequest } from '../domain/redemption.ts';
import type { Result } from '../domain/result.ts';
import { timestamp } from '../domain/timestamp.ts';
import { preference } from '../http/accept.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import type { Site } from '../http/page.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { json, redirect, response } from '../http/response.ts';
import {
  createRedemptionRefusal,
  handedOver,
  type RefusalDependencies,
  readDirect,
  readPosted,
} from './redemption-request.ts';

export interface RedeemHandlerDependencies
  extends Omit<RedeemDependencies, 'report'>,
    Site,
    Pick<RefusalDependencies, 'deliveriesOff'> {
  readonly telemetry: Telemetry;
}

/**
 * Creates the handler of `POST /redeem`, which the page's button and programs use, and of `GET /download`, which direct
 * links lead to.
 */
export function createRedeemHandler(deps: RedeemHandlerDependencies) {
  const { telemetry } = deps;
  const refuse = createRefusal(deps);
  const refuseRedemption = createRedemptionRefusal(deps);
  const domain: RedeemDependencies = { ...deps, report: telemetry.report };

  const redeem =
    (read: (request: ApiRequest) => Result<RedeemRequest, Refusal>) =>
    async (request: ApiRequest): Promise<Reply> => {
      const asked = read(request);
      if (!asked.ok) return refuse(request, asked.error);
      const redeemed = await redeemToken(domain, asked.value);
      return redeemed.ok
        ? handedOver(redeemed.value, hand(request, redeemed.value))
        : await refuseRedemption(request, asked.value, redeemed.error);
    };

  return createApiHandler({
    telemetry,
    refuse,
    proxySecretSha256: deps.proxySecretSha256,
    routes: { 'POST /redeem': redeem(readPosted), 'GET /download': redeem(readDirect) },
  });
}

/** Internal location through which nginx fetches files (docs/networks/reverse-proxy/). Clients cannot reach it. */
const FILE_LOCATION = '/_file';

/**
 * Passes the URL to the reverse proxy, in headers that the proxy removes from the response. The proxy knows the
 * bucket's host, fetches the file from there, and sends it to the client instead of this response.
 *
 * Path and query have separate headers, because `X-Accel-Redirect` would lose the query, and Caddy can set only one of
 * the two at a time without escaping it again.
 */
function handToProxy(url: string): Reply['response'] {
  const { pathname, search } = new URL(url);
  const file = { 'X-File-Path': pathname, 'X-File-Query': search.slice(1) };
  return response(200, { 'X-Accel-Redirect': FILE_LOCATION, ...file }, '');
}

/**
 * Returns the response with the URL: in headers if the proxy delivers the file, as JSON to clients that request JSON,
 * and otherwise as a redirect.
 */
function hand(request: ApiRequest, { record, asset, url, urlExpiresAt }: Redemption): Reply['response'] {
  if (record.delivery === 'proxy') return handToProxy(url);
  if (preference(request) !== 'json') return redirect(url);
  const { fileName, size, sha256 } = asset;
  return json(200, { url, expiresAt: timestamp(urlExpiresAt), fileName, size, sha256 });
}
