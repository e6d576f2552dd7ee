import type { Telemetry } from '../domain/ports.ts';
import {
  type Collection,
  type CollectionDependencies,
  presentCollection,
} from '../domain/present-collection.ts';
import { secondChanceSeconds } from '../domain/second-chance.ts';
import { timestamp } from '../domain/timestamp.ts';
import { preference } from '../http/accept.ts';
import { createApiHandler, type Reply } from '../http/api-handler.ts';
import { checkQuery } from '../http/check.ts';
import { page, type Site } from '../http/page.ts';
import { isPrefetch } from '../http/prefetch.ts';
import { createRefusal } from '../http/refuse.ts';
import type { ApiRequest } from '../http/request.ts';
import { empty, json } from '../http/response.ts';
import { tokenQuery } from '../http/schemas.ts';
import { collectionPage } from '../views/collection-page.ts';

export interface CollectionHandlerDependencies extends CollectionDependencies, Site {
  readonly telemetry: Telemetry;
  readonly downloadSeconds: number;
}

/**
 * Creates the handler of a collection's page. The handler changes nothing, so the page can be opened any number of
 * times.
 */
export function createCollectionHandler(deps: CollectionHandlerDependencies) {
  const { telemetry, publicOrigin: origin, downloadSeconds } = deps;
  const refuse = createRefusal(deps);

  async function show(request: ApiRequest): Promise<Reply> {
    if (isPrefetch(request)) return refuse(request, { code: 'prefetch_refused' });
    const query = checkQuery(tokenQuery, request.query);
    if (!query.ok) return refuse(request, query.error);
    const { token } = query.value;
    const presented = await presentCollection(deps, token, request.sourceAddress);
    if (!presented.ok) return refuse(request, presented.error);
    const collection = presented.value;
    const { tokenId } = collection.record;
    const line = { outcome: 'looked-at', tokenId };
    if (preference(request) === 'json') return { response: json(200, factsOf(collection)), ...line };
    const againSeconds = secondChanceSeconds(deps, collection.record);
    const address = `${origin}/collection?token=${token}`;
    const view = { ...collection, origin, address, downloadSeconds, againSeconds };
    return { response: page(deps, request, 200, (theme) => collectionPage(view, theme)), ...line };
  }

  return createApiHandler({
    telemetry,
    refuse,
    proxySecretSha256: deps.proxySecretSha256,
    routes: {
      'GET /collection': show,
      'HEAD /collection': async () => ({ response: empty(200), outcome: 'headed' }),
    },
  });
}

/** Returns the JSON for programs. It contains no token, because programs use the links to the individual files. */
function factsOf({ record, files }: Collection) {
  return {
    expiresAt: timestamp(record.expiresAt),
    files: files.map(({ tokenId, asset: { fileName, type, size, sha256 }, standing }) => ({
      tokenId,
      fileName,
      type,
      size,
      sha256,
      state: standing.state,
      ...('at' in standing && { [`${standing.state}At`]: timestamp(standing.at) }),
    })),
  };
}
