import type { APIGatewayProxyResult } from 'aws-lambda';
import { AltchaChallenges } from '../../../lambda/adapters/altcha-challenges.ts';
import type { Tenant } from '../../../lambda/domain/ids.ts';
import { createChallengesHandler } from '../../../lambda/handlers/challenges.ts';
import { createCollectionHandler } from '../../../lambda/handlers/collection.ts';
import { createFinalizeHandler } from '../../../lambda/handlers/finalize.ts';
import { createInvitesHandler } from '../../../lambda/handlers/invites.ts';
import { createLinksHandler } from '../../../lambda/handlers/links.ts';
import { createMintHandler } from '../../../lambda/handlers/mint.ts';
import { createObjectsHandler } from '../../../lambda/handlers/objects.ts';
import { createPagesHandler } from '../../../lambda/handlers/pages.ts';
import { createReceiveHandler } from '../../../lambda/handlers/receive.ts';
import { createRedeemHandler } from '../../../lambda/handlers/redeem.ts';
import { createRenewalsHandler } from '../../../lambda/handlers/renewals.ts';
import { createReviewsHandler } from '../../../lambda/handlers/reviews.ts';
import {
  createStreamHandler,
  createWatermarkHandler,
  createZipHandler,
} from '../../../lambda/handlers/stream.ts';
import { createSubmitHandler } from '../../../lambda/handlers/submit.ts';
import { createUploadsHandler } from '../../../lambda/handlers/uploads.ts';
import type { BeginResponse } from '../../../lambda/http/streaming-handler.ts';
import { type ApiEvent, apiEvent } from '../../../laptop/test/support/api-event.ts';
import { routes } from '../../../lib/capabilities.ts';
import { callStreaming, type HandlerWorld } from '../handler-world.ts';
import { intercept, wrapPorts } from '../intercept.ts';
import { createLinkWorld, type LinkWorld } from '../memory-link-world.ts';
import { createUploadWorld, type UploadWorld } from '../memory-upload-world.ts';
import { type Call, type Caller, createCaller, textOf } from './caller.ts';
import type { ResponseBook } from './response-book.ts';

type Answering = (event: ApiEvent) => Promise<Response>;

/** The header of a caller with a valid bearer token. */
export const BEARER = { authorization: 'Bearer good' };

const challenges = new AltchaChallenges(async () => Buffer.alloc(32), 'key');

const verify = async (token: string) => (token === 'good' ? ('oidc:acme' as Tenant) : undefined);

/** Creates a caller of a world's handlers. Tests can put the world into states that local mode rarely reaches. */
export function createMemoryCaller(
  book: ResponseBook,
  world: HandlerWorld,
  uploadWorld: UploadWorld = createUploadWorld(),
  linkWorld: LinkWorld = createLinkWorld(),
): Caller {
  const stream = createStreamHandler(world);
  const watermark = createWatermarkHandler(world);
  const zip = createZipHandler(world);
  const { telemetry, pseudonyms } = world;
  const uploading = { ...uploadWorld, telemetry, pseudonyms, verify };
  const { publicOrigin, filesOrigin, brand } = world;
  const receiving = { ...linkWorld, publicOrigin, filesOrigin, brand, telemetry, pseudonyms, verify };
  const answering: Readonly<Record<string, Answering>> = {
    mint: whole(createMintHandler(world)),
    challenges: whole(
      createChallengesHandler({ ...world, policy: world.proofs?.policy ?? 'auto', challenges }),
    ),
    pages: whole(createPagesHandler(world)),
    collection: whole(createCollectionHandler(world)),
    redeem: whole(createRedeemHandler(world)),
    renewals: whole(createRenewalsHandler(world)),
    links: whole(createLinksHandler({ ...world, uploads: uploadWorld.uploads })),
    uploads: whole(createUploadsHandler(uploading)),
    finalize: whole(createFinalizeHandler(uploading)),
    objects: whole(createObjectsHandler(uploading)),
    reviews: whole(createReviewsHandler(uploading)),
    invites: whole(createInvitesHandler(receiving)),
    receive: whole(createReceiveHandler(receiving)),
    submit: whole(createSubmitHandler(receiving)),
    stream: (event) => streamed((begin) => stream(event, begin, () => 60_000)),
    zip: (event) => streamed((begin) => zip(event, begin, () => 60_000)),
    watermark: (event) => streamed((begin) => watermark(event, begin, () => 60_000)),
  };
  return createCaller(book, async (route, call) => {
    const target = routes.find(({ method, path }) => `${method} ${path}` === route);
    const response = answering[target?.function ?? ''];
    if (response === undefined) throw new Error(`No handler for route: ${route}`);
    return response(eventOf(route, call));
  });
}

/** Returns a copy of a world in which every service fails with this error. */
export function failing<World extends object>(world: World, error: Error): World {
  return wrapPorts(world, (port, name) =>
    name === 'telemetry' ? port : intercept(port, () => Promise.reject(error)),
  );
}

function eventOf(route: string, call: Call): ApiEvent {
  const { query = {}, headers } = call;
  // API Gateway passes only the parameters of the route.
  const path = Object.fromEntries(
    Object.entries(call.path ?? {}).filter(([name]) => route.includes(`{${name}}`)),
  );
  const details = {
    route: route as `${string} /${string}`,
    query,
    path,
    headers: { Accept: '*/*', ...headers },
  } as const;
  return apiEvent('post-links-iam', { ...details, body: textOf(call) ?? null });
}

type Handler = (event: unknown) => Promise<APIGatewayProxyResult>;

const whole =
  (handler: Handler): Answering =>
  async (event) => {
    const { statusCode: status, headers = {}, body } = await handler(event);
    const passed = Object.entries(headers).map(([name, value]) => [
      // API Gateway renames this header.
      name.replace('WWW-Authenticate', 'x-amzn-Remapped-$&'),
      String(value),
    ]);
    return new Response(body === '' ? null : body, { status, headers: Object.fromEntries(passed) });
  };

async function streamed(run: (begin: BeginResponse) => Promise<void>): Promise<Response> {
  const { status, headers, body } = await callStreaming(run);
  return new Response(body === '' ? null : body, { status, headers });
}
