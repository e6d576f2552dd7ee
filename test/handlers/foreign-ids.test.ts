import { expect, test } from '@jest/globals';
import type { Tenant } from '../../lambda/domain/ids.ts';
import { objectOf } from '../../lambda/domain/uploads/upload.ts';
import { createFinalizeHandler } from '../../lambda/handlers/finalize.ts';
import { createInvitesHandler } from '../../lambda/handlers/invites.ts';
import { createLinksHandler } from '../../lambda/handlers/links.ts';
import { createObjectsHandler } from '../../lambda/handlers/objects.ts';
import { createUploadsHandler } from '../../lambda/handlers/uploads.ts';
import { apiEvent } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerResponse, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { noted, wrapPorts } from '../support/intercept.ts';
import { KeyedPseudonyms } from '../support/keyed-pseudonyms.ts';
import { createLinkWorld, invited } from '../support/memory-link-world.ts';
import { MemoryTelemetry } from '../support/memory-telemetry.ts';
import { finalized, scanned } from '../support/memory-upload-world.ts';
import { bodyOf, type Ids, NOBODYS, TENANT_ROUTES } from '../support/tenant-routes.ts';

/*
 * A foreign ID causes the same calls, in the same order, as an unknown ID. So neither the response nor its timing
 * reveals whether an ID exists.
 */

const world = createLinkWorld();
const handlerWorld = createHandlerWorld();
const calls: string[] = [];

const noting = <Ports extends object>(ports: Ports): Ports =>
  wrapPorts(ports, (port, name) => noted(port, name, calls));

const deps = {
  ...noting({ ...world, pseudonyms: new KeyedPseudonyms() }),
  telemetry: new MemoryTelemetry(),
  publicOrigin: PUBLIC_ORIGIN,
  verify: async () => 'oidc:acme' as Tenant,
};

const HANDLERS: Readonly<
  Record<string, (event: unknown) => ReturnType<ReturnType<typeof createUploadsHandler>>>
> = {
  uploads: createUploadsHandler(deps),
  finalize: createFinalizeHandler(deps),
  objects: createObjectsHandler(deps),
  invites: createInvitesHandler(deps),
};

const { upload, version } = await finalized(world);
await scanned(world, version, 'NO_THREATS_FOUND');
const { link } = await invited(world);
/** The IDs of a published upload and an upload link that both belong to another tenant. */
const FOREIGN: Ids = {
  uploadId: upload.uploadId,
  objectId: objectOf(upload.uploadId),
  linkId: link.linkId,
};

const INVALID: Ids = { uploadId: 'not-an-id', objectId: 'not-an-id', linkId: 'not-an-id' };

async function observed(ask: () => Promise<HandlerResponse>) {
  calls.length = 0;
  return { response: await ask(), calls: [...calls] };
}

test.each(Object.entries(TENANT_ROUTES))(
  '%s makes the same calls for a foreign ID as for an unknown one, and an invalid ID gets the same response (%s)',
  async (route, name) => {
    const handler = HANDLERS[name];
    if (handler === undefined) throw new Error(`This test has no handler for ${name}`);
    const ask = (ids: Ids) => {
      const path = Object.fromEntries(Object.entries(ids).filter(([name]) => route.includes(`{${name}}`)));
      const headers = { Authorization: 'Bearer acme' };
      const details = { route: route as `${string} /${string}`, path, headers, body: bodyOf(route) ?? null };
      return observed(() => call(handler, apiEvent('post-links-iam', details)));
    };
    const unknown = await ask(NOBODYS);
    expect(unknown.response.status).toBe(404);
    expect(await ask(FOREIGN)).toEqual(unknown);
    expect((await ask(INVALID)).response).toEqual(unknown.response);
    expect(unknown.calls).toEqual([expect.stringMatching(/^(uploads|links)\.find$/)]);
  },
);

test('POST /links makes the same calls for a foreign object as for an unknown one', async () => {
  const handler = createLinksHandler({
    ...handlerWorld,
    ...noting(handlerWorld),
    telemetry: deps.telemetry,
    uploads: deps.uploads,
  });
  const ask = ({ objectId }: Ids) =>
    observed(() => call(handler, apiEvent('post-links-iam', { route: 'POST /links', body: { objectId } })));
  const unknown = await ask(NOBODYS);
  expect(unknown.response.status).toBe(404);
  expect(await ask(FOREIGN)).toEqual(unknown);
  expect(unknown.calls).toEqual(['uploads.find']);
});
