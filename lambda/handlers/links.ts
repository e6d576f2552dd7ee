import type { AssetName } from '../domain/asset-name.ts';
import { type DescribeDependencies, describeLink } from '../domain/describe-link.ts';
import type { Refusal } from '../domain/errors.ts';
import type { ObjectId } from '../domain/ids.ts';
import { type IssueLinksDependencies, issueLinks } from '../domain/issue-links.ts';
import type { Caller, Reach } from '../domain/issuer.ts';
import { type ListDependencies, listLinks } from '../domain/list-links.ts';
import type { IssueLinksRequest } from '../domain/plan-links.ts';
import type { Telemetry } from '../domain/ports.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { type RevokeDependencies, revokeToken } from '../domain/revoke-token.ts';
import { findPublished, type PublishedDependencies } from '../domain/uploads/download-object.ts';
import { assetOf, tenantOf } from '../domain/uploads/upload.ts';
import { createApiHandler, type Refuse, type Reply } from '../http/api-handler.ts';
import { readFields } from '../http/body.ts';
import { check, checkQuery } from '../http/check.ts';
import { readIdempotencyKey, repetitionOf } from '../http/idempotency-key.ts';
import { languageOf } from '../http/language.ts';
import { type Deliveries, linkPath, linkQuery, linkRequest } from '../http/link-request.ts';
import { hiddenLink, linkView, newLink } from '../http/link-view.ts';
import { refuseProgram } from '../http/refuse-program.ts';
import { type ApiRequest, callerOf } from '../http/request.ts';
import { empty, json, problem } from '../http/response.ts';

export type LinksDependencies = Omit<
  IssueLinksDependencies & RevokeDependencies & ListDependencies & DescribeDependencies,
  'report' | 'store'
> & {
  readonly store: IssueLinksDependencies['store'] &
    RevokeDependencies['store'] &
    DescribeDependencies['store'];
  readonly telemetry: Telemetry;
  /** Uploads whose objects can be linked to; absent if uploads are turned off. */
  readonly uploads?: PublishedDependencies['uploads'] | undefined;
  readonly publicOrigin: string;
  /** Default lifetime of a link, in seconds. */
  readonly lifetimeSeconds: number;
  readonly deliveries: Deliveries;
  /** Present if a link can have several files. */
  readonly collections?: 'on' | undefined;
};

/**
 * Creates the handler of `/links`, for the caller's own links, and of `/operator/tokens`, for all links. API Gateway
 * verifies the callers' signatures. Anyone whom IAM allows to call `/operator/tokens` is an operator.
 */
export function createLinksHandler(deps: LinksDependencies) {
  const { telemetry, publicOrigin, uploads } = deps;
  const domain = { ...deps, report: telemetry.report };
  const bodySchema = linkRequest(deps.deliveries);

  async function issue(request: ApiRequest): Promise<Reply> {
    const caller = callerOf(request);
    const key = readIdempotencyKey(request);
    if (!key.ok) return refuseProgram(request, key.error);
    const fields = readFields(request, bodySchema);
    if (!fields.ok) return refuseProgram(request, fields.error);

    const { reveal, expiresIn, assets, asset, objectId, watermark, presenceCode, ...wanted } = fields.value;
    if (assets !== undefined && deps.collections === undefined) {
      return refuseProgram(request, { code: 'invalid_request', field: 'assets' });
    }
    const [first = asset, ...others] = assets ?? [];
    const file = await fileOf(caller, first, objectId);
    if (!file.ok) return refuseProgram(request, file.error);

    const named = { caller: caller.id, key: key.value, fields: fields.value };
    const repetition = await repetitionOf(deps.pseudonyms, named);
    const issued = await issueLinks(
      domain,
      {
        ...withoutUndefined(wanted),
        ...(watermark && { delivery: 'watermark' }),
        ...(presenceCode && { presenceCode }),
        ...file.value,
        ...(assets && { more: others }),
        caller,
        lifetimeSeconds: expiresIn ?? deps.lifetimeSeconds,
        language: languageOf(request),
      },
      repetition,
    );
    if (!issued.ok) return refuseProgram(request, issued.error);
    const links = issued.value.map((link) => (reveal ? newLink(link, publicOrigin) : hiddenLink(link)));
    const [only, ...more] = links;
    return {
      response: json(201, { links }),
      outcome: 'issued',
      milestone: 'LinkIssued',
      ...(only !== undefined && more.length === 0 && { tokenId: only.tokenId }),
    };
  }

  /** Returns the requested file: an offered file, or one of the caller's published uploads. */
  async function fileOf(
    caller: Caller,
    asset: AssetName | undefined,
    objectId: ObjectId | undefined,
  ): Promise<Result<Pick<IssueLinksRequest, 'asset' | 'versionId'>, Refusal>> {
    if (asset !== undefined) return ok({ asset });
    if (objectId === undefined || uploads === undefined) return fail({ code: 'asset_not_found' });
    const published = await findPublished({ uploads }, objectId, tenantOf(caller));
    if (published.ok) return ok({ asset: assetOf(objectId), versionId: published.value.version.versionId });
    return fail(published.error.code === 'not_found' ? { code: 'asset_not_found' } : published.error);
  }

  const list =
    (reachOf: ReachOf) =>
    async (request: ApiRequest): Promise<Reply> => {
      const reach = reachOf(request);
      const query = checkQuery(linkQuery, request.query);
      if (!query.ok) return refuseProgram(request, query.error);
      const page = await listLinks(domain, withoutUndefined(query.value), reach);
      if (!page.ok) return refuseProgram(request, page.error);
      const { links, cursor } = page.value;
      const body = { links: links.map(linkView), cursor };
      return { response: json(200, body), outcome: 'listed' };
    };

  const show =
    (reachOf: ReachOf) =>
    async (request: ApiRequest): Promise<Reply> => {
      const reach = reachOf(request);
      const path = check(linkPath, request.path, 'tokenId');
      if (!path.ok) return refuseProgram(request, path.error);
      const { tokenId } = path.value;
      const described = await describeLink(domain, tokenId, reach);
      if (!described.ok) return { ...refuseProgram(request, described.error), tokenId };
      return { response: json(200, linkView(described.value)), outcome: 'shown', tokenId };
    };

  const revoke =
    (reachOf: ReachOf) =>
    async (request: ApiRequest): Promise<Reply> => {
      const { arn: by } = callerOf(request);
      const path = check(linkPath, request.path, 'tokenId');
      if (!path.ok) return refuseProgram(request, path.error);
      const { tokenId } = path.value;
      const revoked = await revokeToken(domain, tokenId, { by, reach: reachOf(request) });
      if (!revoked.ok) return { ...refuseRevocation(request, revoked.error), tokenId };
      return { response: empty(204), outcome: 'revoked', tokenId, milestone: 'LinkRevoked' };
    };

  return createApiHandler({
    telemetry,
    refuse: refuseProgram,
    routes: {
      'POST /links': issue,
      'GET /links': list(ownLinks),
      'GET /links/{tokenId}': show(ownLinks),
      'DELETE /links/{tokenId}': revoke(ownLinks),
      'GET /operator/tokens': list(allLinks),
      'GET /operator/tokens/{tokenId}': show(allLinks),
      'DELETE /operator/tokens/{tokenId}': revoke(allLinks),
    },
  });
}

type ReachOf = (request: ApiRequest) => Reach;

const ownLinks: ReachOf = (request) => ({ kind: 'own', callerId: callerOf(request).id });

const allLinks: ReachOf = (request) => {
  callerOf(request);
  return { kind: 'all' };
};

/**
 * Responds with 409 to an attempt to revoke a redeemed link, because the problem is the link's state, not a missing
 * permission.
 */
const refuseRevocation: Refuse = (request, refusal) =>
  refusal.code === 'token_redeemed'
    ? { response: problem(refusal, 409), outcome: refusal.code }
    : refuseProgram(request, refusal);

/** Removes undefined fields, which the domain's types do not allow. */
function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<Fields>;
}

type Defined<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name];
} & {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined>;
};
