import type { AssetName } from '../domain/asset-name.ts';
import type { Refusal } from '../domain/errors.ts';
import type { Telemetry } from '../domain/ports.ts';
import {
  admitSource,
  type Requested,
  type RequestLinkDependencies,
  type SourceLimitDependencies,
} from '../domain/request-link.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { preference } from '../http/accept.ts';
import type { Reply } from '../http/api-handler.ts';
import { bodyReader } from '../http/body.ts';
import { isCrossSite } from '../http/cross-origin.ts';
import { page, type Site } from '../http/page.ts';
import type { ApiRequest } from '../http/request.ts';
import { json } from '../http/response.ts';
import { countedSource } from '../http/source.ts';
import { checkInboxPage } from '../views/check-inbox-page.ts';
import type { TimingDependencies } from './with-constant-timing.ts';

/*
 * Code shared by the public requests that send mail: `POST /token` and `POST /redeem/renew`. The source is counted
 * before the body is parsed. Accepted requests always get the same response after the same delay.
 */

export interface PublicRequestDependencies
  extends Omit<RequestLinkDependencies, 'report'>,
    Site,
    TimingDependencies {
  readonly telemetry: Telemetry;
}

/**
 * Counts the source, then parses the body, so that refusing a flood costs only one count per request.
 *
 * A request whose headers or length are unacceptable is refused without being counted. Checking headers and length is
 * cheaper than counting. Also, everyone behind one address shares a count, and any web page could use it up through its
 * visitors' browsers.
 *
 * @param allowedOrigins origins whose pages are allowed to send this request
 */
export async function readCounted(
  deps: SourceLimitDependencies,
  request: ApiRequest,
  allowedOrigins: readonly string[] = [],
): Promise<Result<Readonly<Record<string, unknown>>, Refusal>> {
  if (isCrossSite(request, allowedOrigins)) return fail({ code: 'cross_site_refused' });
  const read = bodyReader(request);
  if (!read.ok) return read;
  const source = countedSource(request.sourceAddress);
  const admitted = source === undefined ? ok(undefined) : await admitSource(deps, source);
  return admitted.ok ? read.value() : admitted;
}

/**
 * Returns the response to accepted requests. It reveals nothing about the address, because the link is only mailed, and
 * the presence code looks random to anyone without the link.
 *
 * @param requested `asset` is the file if the request named one; the page then offers to request it again
 */
export function accepted(
  deps: PublicRequestDependencies,
  request: ApiRequest,
  { presenceCode, asset }: Requested & { readonly asset?: AssetName },
): Reply {
  const expiresInMinutes = Math.floor(deps.lifetimeSeconds / 60);
  const line = { outcome: 'accepted', milestone: 'LinkRequested' } as const;
  if (preference(request) !== 'page') {
    return { ...line, response: json(202, { status: 'accepted', expiresInMinutes, presenceCode }) };
  }
  const view = {
    origin: deps.publicOrigin,
    lifetimeMinutes: expiresInMinutes,
    cooldownSeconds: deps.limits.cooldownSeconds,
    presenceCode,
    asset,
  };
  return { ...line, response: page(deps, request, 202, (theme) => checkInboxPage(view, theme)) };
}
