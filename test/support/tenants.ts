import { createHash, randomBytes } from 'node:crypto';
import { eventually } from '../../laptop/test/support/eventually.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { deployedWith } from '../../lib/capabilities.ts';
import { readConfig } from '../../lib/read-config.ts';
import type { Route } from '../../lib/route.ts';
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { type Laptop, startLaptop } from './laptop.ts';

/** The IDs of one upload, by the names of path parameters. */
export interface Ids {
  readonly uploadId: string;
  readonly objectId: string;
}

/** A tenant and its way of calling the API. */
export interface Tenant {
  /** Sends a request to a route that the tenant has. */
  send(route: string, ids?: Partial<Ids>, body?: object): Promise<Response>;
  /** The routes about uploads and objects that the tenant may call. */
  readonly routes: readonly string[];
  /** Its uploads: one is published, and one takes parts. */
  readonly uploads: readonly Ids[];
}

/** Local mode with an identity provider and three tenants, who know nothing of each other. */
export interface Tenants {
  readonly laptop: Laptop;
  readonly provider: IdentityProvider;
  readonly tenants: { readonly acme: Tenant; readonly globex: Tenant; readonly signed: Tenant };
  close(): Promise<void>;
}

const AUDIENCE = 'files';
const CLAIM = 'org';

/** Returns the options that accept the tokens of a provider. */
const optionsFor = (issuer: string) => ({
  oidcIssuer: issuer,
  oidcAudience: AUDIENCE,
  oidcTenantClaim: CLAIM,
});

const ROUTES: readonly Route[] = deployedWith(
  readConfig({ senderEmail: 'files@example.org', ...optionsFor('https://login.example.org') }),
).routes;

/** Every route with an ID in its path that belongs to a tenant: not to an operator, and not to the caller of `POST /links`. */
export const TENANT_ROUTES = ROUTES.filter(
  ({ path }) => path.includes('{') && !path.startsWith('/operator') && !path.includes('{tokenId}'),
).map(({ method, path }) => `${method} ${path}`);

/** IDs that nobody has. */
export const NOBODYS: Ids = { uploadId: `c${'0'.repeat(31)}`, objectId: `d${'0'.repeat(31)}` };

/** Returns the path of a route with IDs in it. @throws Error if the route has a parameter that is no ID of an upload */
export function pathOf(route: string, ids: Partial<Ids> = {}): string {
  return route.replace(/^\S+ /, '').replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const id = name === 'uploadId' || name === 'objectId' ? ids[name] : undefined;
    if (id === undefined) throw new Error(`${route} needs a value for ${name}`);
    return id;
  });
}

const methodOf = (route: string) => route.split(' ', 1)[0] as 'GET' | 'POST' | 'DELETE';

/** Returns the body that a route needs before it looks at an ID. */
export const bodyOf = (route: string): object | undefined =>
  /^POST .*\/parts$/.test(route) ? { partNumbers: [1] } : undefined;

/** Starts local mode, and uploads two files for each tenant. */
export async function startTenants(): Promise<Tenants> {
  const provider = await startIdentityProvider(AUDIENCE);
  const laptop = await startLaptop(optionsFor(provider.issuer)).catch(async (error: unknown) => {
    await provider.close();
    throw error;
  });
  const { endpoints } = laptop;

  const bearing =
    (org: string): Tenant['send'] =>
    async (route, ids, body) =>
      fetch(`${endpoints.api}${pathOf(route, ids)}`, {
        method: methodOf(route),
        headers: {
          authorization: `Bearer ${await provider.token({ [CLAIM]: org })}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
  const signing: Tenant['send'] = (route, ids, body) =>
    signedFetch(endpoints, methodOf(route), pathOf(route, ids), body);

  const tenant = async (base: '' | '/oidc', send: Tenant['send']): Promise<Tenant> => ({
    send,
    routes: TENANT_ROUTES.filter((route) => route.includes(' /oidc/') === (base !== '')),
    uploads: [await published(send, base), await begun(send, base)],
  });
  return {
    laptop,
    provider,
    tenants: {
      acme: await tenant('/oidc', bearing('acme')),
      globex: await tenant('/oidc', bearing('globex')),
      signed: await tenant('', signing),
    },
    close: async () => {
      await laptop.close();
      await provider.close();
    },
  };
}

async function json<Body>(answer: Promise<Response>, status: number): Promise<Body> {
  const {
    status: got,
    url,
    ...response
  } = await answer.then(async (each) => ({
    status: each.status,
    url: each.url,
    text: await each.text(),
  }));
  if (got !== status) throw new Error(`${url} answered ${got} ${response.text}`);
  return JSON.parse(response.text) as Body;
}

const declared = (text: string, checksum: object) => ({
  fileName: 'notes.txt',
  type: 'text/plain',
  size: text.length,
  ...checksum,
});

async function published(send: Tenant['send'], base: string): Promise<Ids> {
  const text = randomBytes(20).toString('hex');
  const sha256 = createHash('sha256').update(text).digest('hex');
  const session = await json<Ids & { url: string; headers: Record<string, string> }>(
    send(`POST ${base}/uploads`, {}, declared(text, { sha256 })),
    201,
  );
  const { 'content-length': _length, ...headers } = session.headers;
  const { status } = await fetch(session.url, { method: 'PUT', headers, body: text });
  if (status !== 200) throw new Error(`The PUT got status ${status}`);
  await send(`POST ${base}/uploads/{uploadId}/finalize`, session);
  await eventually(
    () => json<{ state: string }>(send(`GET ${base}/uploads/{uploadId}`, session), 200),
    ({ state }) => state === 'published',
  );
  return { uploadId: session.uploadId, objectId: session.objectId };
}

async function begun(send: Tenant['send'], base: string): Promise<Ids> {
  const { uploadId, objectId } = await json<Ids>(
    send(`POST ${base}/uploads`, {}, declared('parts', { crc64nvme: 'AAAAAAAAAAA=' })),
    201,
  );
  return { uploadId, objectId };
}
