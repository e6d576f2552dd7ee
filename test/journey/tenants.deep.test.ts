import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { postJson } from '../support/laptop.ts';
import { bodyOf, type Ids, NOBODYS, pathOf, TENANT_ROUTES } from '../support/tenant-routes.ts';
import { startTenants, type Tenant, type Tenants } from '../support/tenants.ts';

/* Three tenants try each other's IDs on every route: two with bearer tokens from a provider, and one that signs its requests. */

const NAMES = ['acme', 'globex', 'signed'] as const;
type Name = (typeof NAMES)[number];

const ROUTES = Object.keys(TENANT_ROUTES);
const BORNE = ROUTES.filter((route) => route.includes(' /oidc/'));
const SIGNED = ROUTES.filter((route) => !route.includes(' /oidc/'));

let world: Tenants;
/** The result of `everything` before the attempts. */
let before: Awaited<ReturnType<typeof everything>>;
beforeAll(async () => {
  world = await startTenants();
  before = await everything();
});
afterAll(() => world.close());

const tenant = (name: Name): Tenant => world.tenants[name];
const idsOf = (names: readonly Name[]): readonly Ids[] => names.flatMap((name) => tenant(name).own);
const baseOf = (name: Name) => (name === 'signed' ? '' : '/oidc');

/** Headers that differ between any two responses. */
const PER_REQUEST = ['date', 'x-amzn-requestid', 'x-amz-apigw-id', 'x-amzn-trace-id'];

async function wholeResponse(sent: Promise<Response>) {
  const { status, headers, ...response } = await sent.then(async (received) => ({
    status: received.status,
    headers: [...received.headers],
    body: Buffer.from(await received.arrayBuffer()).toString('latin1'),
  }));
  return { status, headers: headers.filter(([name]) => !PER_REQUEST.includes(name)), ...response };
}

/** Returns the operators' view of every upload, with its history, and the tenants' views of their links. */
async function everything(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { endpoints } = world.laptop;
  const asked = NAMES.flatMap((name) => [
    ...idsOf([name]).map(({ uploadId }) => signedFetch(endpoints, 'GET', `/operator/uploads/${uploadId}`)),
    tenant(name).send(`GET ${baseOf(name)}/upload-links`),
  ]);
  asked.push(signedFetch(endpoints, 'GET', '/operator/uploads?state=created'));
  return await Promise.all(asked.map(async (sent) => (await (await sent).json()) as Record<string, unknown>));
}

test('the stack has the same routes for bearers and for IAM callers', () => {
  expect(BORNE.map((route) => route.replace('/oidc', ''))).toEqual(SIGNED);
  expect(SIGNED.length).toBeGreaterThan(5);
});

describe.each(NAMES)('the tenant %s', (name) => {
  const routes = name === 'signed' ? SIGNED : BORNE;
  const others = NAMES.filter((other) => other !== name);

  test.each(routes)('gets the same response from %s for foreign IDs as for unknown ones', async (route) => {
    const ask = (ids: Ids) => wholeResponse(tenant(name).send(route, ids, bodyOf(route)));
    const unknown = await ask(NOBODYS);
    expect([unknown.status, JSON.parse(unknown.body).code]).toEqual([404, 'not_found']);
    for (const ids of idsOf(others)) expect(await ask(ids)).toEqual(unknown);
    const none = 'not-an-id';
    expect(await ask({ uploadId: none, objectId: none, linkId: none })).toEqual(unknown);
  });

  test('gets only its own upload link in the list', async () => {
    const { send, own } = tenant(name);
    const { links } = (await (await send(`GET ${baseOf(name)}/upload-links`)).json()) as { links: Ids[] };
    expect(links.map(({ linkId }) => linkId)).toEqual([own[0].linkId]);
  });

  test.each(['POST /upload/parts', 'POST /upload/remove', 'POST /upload/finalize'])(
    'issued an upload link whose holder cannot access other files with %s',
    async (route) => {
      const token = new URL(tenant(name).linkUrl).searchParams.get('token');
      const ask = ({ uploadId }: Ids) =>
        wholeResponse(
          postJson(`${world.laptop.endpoints.api}${pathOf(route)}`, { token, uploadId, ...bodyOf(route) }),
        );
      const unknown = await ask(NOBODYS);
      expect([unknown.status, JSON.parse(unknown.body).code]).toEqual([404, 'not_found']);
      for (const ids of idsOf(NAMES)) expect(await ask(ids)).toEqual(unknown);
    },
  );
});

test('an IAM caller cannot issue a link for the object of another tenant', async () => {
  const issue = (objectId: string) =>
    wholeResponse(signedFetch(world.laptop.endpoints, 'POST', '/links', { objectId }));
  const unknown = await issue(NOBODYS.objectId);
  expect([unknown.status, JSON.parse(unknown.body).code]).toEqual([404, 'asset_not_found']);
  for (const { objectId } of idsOf(['acme', 'globex'])) expect(await issue(objectId)).toEqual(unknown);
});

test.each(['iam:', ''])(
  'a claim that imitates an IAM caller with the prefix "%s" cannot access that caller’s upload',
  async (prefix) => {
    const [ids] = tenant('signed').own;
    const owner = before.find(({ uploadId }) => uploadId === ids.uploadId)?.tenant;
    expect(owner).toMatch(/^iam:AIDA/);
    const token = await world.provider.token({ org: String(owner).replace('iam:', prefix) });
    const response = await bearing('GET /oidc/uploads/{uploadId}', [`Bearer ${token}`], ids);
    expect(response.status).toBe(404);
  },
);

interface Refused {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly body: string;
}

/** Sends a request with several `Authorization` headers, which `fetch` would join into one. */
async function bearing(route: string, authorization: readonly string[], ids: Ids): Promise<Refused> {
  const body = bodyOf(route) ?? (route === OPEN ? DECLARED : undefined);
  const asking = request(`${world.laptop.endpoints.api}${pathOf(route, ids)}`, {
    method: route.split(' ', 1)[0],
  });
  if (authorization.length > 0) asking.setHeader('authorization', authorization);
  asking.setHeader('content-type', 'application/json');
  asking.end(body && JSON.stringify(body));
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const challenge = response.headersDistinct['x-amzn-remapped-www-authenticate']?.join();
  return { status: response.statusCode ?? 0, challenge, body: await text(response) };
}

const OPEN = 'POST /oidc/uploads';
const DECLARED = { fileName: 'notes.txt', type: 'text/plain', size: 5, sha256: 'a'.repeat(64) };

describe('invalid credentials', () => {
  const good = () => world.provider.token({ org: 'acme' });
  const altered = (claims: object) => world.provider.token({ org: 'acme', ...claims });
  const minutesAgo = () => Math.floor(Date.now() / 1000) - 60;
  const bearer = async (token: string | Promise<string>) => [`Bearer ${await token}`];

  test.each<[string, () => Promise<readonly string[]>]>([
    ['no token', async () => []],
    ['an expired token', () => bearer(altered({ exp: minutesAgo() }))],
    ['a token of another issuer', () => bearer(altered({ iss: 'https://login.example.org' }))],
    ['a token for another audience', () => bearer(altered({ aud: 'mail' }))],
    ['a token without the tenant claim', () => bearer(altered({ org: undefined }))],
    ['a token without a signature', () => bearer(world.provider.unsigned({ org: 'acme' }))],
    ['a token that somebody else signed', () => bearer(world.provider.forged({ org: 'acme' }))],
    ['a token whose claims were changed', async () => bearer(changed(await good()))],
    ['a token under another scheme', async () => [`Basic ${await good()}`]],
    [
      'two headers, each with a valid token',
      async () => [`Bearer ${await good()}`, `Bearer ${await good()}`],
    ],
    ['an empty header after one with a valid token', async () => [`Bearer ${await good()}`, '']],
  ])('%s: every bearer route returns 401, for own IDs and for unknown ones', async (_what, credentials) => {
    const authorization = await credentials();
    for (const route of [OPEN, ...BORNE]) {
      for (const ids of [...idsOf(['acme']), NOBODYS]) {
        const { status, challenge, body } = await bearing(route, authorization, ids);
        expect([route, status, challenge]).toEqual([route, 401, 'Bearer']);
        expect(JSON.parse(body)).toMatchObject({ code: 'not_authenticated' });
      }
    }
  });

  test('a bearer token is refused on a route that needs a signature', async () => {
    const operators = ['GET /operator/uploads/{uploadId}', 'POST /operator/uploads/{uploadId}/release'];
    for (const route of [...SIGNED, ...operators]) {
      const response = await bearing(route, [`Bearer ${await good()}`], tenant('acme').own[0]);
      expect([route, response.status]).toEqual([route, 403]);
    }
  });
});

/** Returns the token with the tenant in its claims replaced. */
function changed(token: string): string {
  const [header, claims = '', signature] = token.split('.');
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
  const others = Buffer.from(JSON.stringify({ ...read, org: 'globex' })).toString('base64url');
  return [header, others, signature].join('.');
}

test('the attempts of other tenants have changed no upload and no upload link', async () => {
  expect(await everything()).toEqual(before);
});

test.each(NAMES)('the tenant %s can still access everything that it owns', async (name) => {
  const { send, own } = tenant(name);
  const [whole, parts] = own;
  const routes = name === 'signed' ? SIGNED : BORNE;
  // Routes that end an upload or a link come last.
  for (const route of routes.toSorted((one, other) => Number(endsIt(one)) - Number(endsIt(other)))) {
    const ids = route.includes('/parts') || endsIt(route) ? parts : whole;
    const { status } = await send(route, ids, bodyOf(route));
    expect([route, status]).toEqual([route, endsIt(route) ? 204 : 200]);
  }
});

test('a token that the provider signs with its next key is valid', async () => {
  world.provider.rotate();
  expect((await tenant('acme').send('GET /oidc/uploads/{uploadId}', tenant('acme').own[0])).status).toBe(200);
});

const endsIt = (route: string): boolean => route.startsWith('DELETE ');
