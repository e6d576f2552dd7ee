import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import {
  bodyOf,
  type Ids,
  NOBODYS,
  pathOf,
  startTenants,
  TENANT_ROUTES,
  type Tenant,
  type Tenants,
} from '../support/tenants.ts';

/* Three tenants try each other's IDs on every route: two bearers of an identity provider's tokens, and a signed caller. */

const NAMES = ['acme', 'globex', 'signed'] as const;
type Name = (typeof NAMES)[number];

const BORNE = TENANT_ROUTES.filter((route) => route.includes(' /oidc/'));
const SIGNED = TENANT_ROUTES.filter((route) => !route.includes(' /oidc/'));

let world: Tenants;
/** What operators saw of every upload before anybody tried anything. */
let before: unknown;
beforeAll(async () => {
  world = await startTenants();
  before = await everything();
});
afterAll(() => world.close());

const tenant = (name: Name): Tenant => world.tenants[name];
const uploadsOf = (names: readonly Name[]): readonly Ids[] => names.flatMap((name) => tenant(name).uploads);

/** Differs from answer to answer, whatever is asked. */
const PER_REQUEST = ['date', 'x-amzn-requestid', 'x-amz-apigw-id', 'x-amzn-trace-id'];

async function wholeAnswer(sent: Promise<Response>) {
  const { status, headers, ...response } = await sent.then(async (answer) => ({
    status: answer.status,
    headers: [...answer.headers],
    body: Buffer.from(await answer.arrayBuffer()).toString('latin1'),
  }));
  return { status, headers: headers.filter(([name]) => !PER_REQUEST.includes(name)), ...response };
}

/** Returns what operators see of every upload, with its history. */
async function everything(): Promise<unknown> {
  const seen = [];
  for (const { uploadId } of uploadsOf(NAMES)) {
    const answer = await signedFetch(world.laptop.endpoints, 'GET', `/operator/uploads/${uploadId}`);
    expect(answer.status).toBe(200);
    seen.push(await answer.json());
  }
  return seen;
}

test('the stack has the same routes for bearers and for signed callers', () => {
  expect(BORNE.map((route) => route.replace('/oidc', ''))).toEqual(SIGNED);
  expect(SIGNED.length).toBeGreaterThan(5);
});

describe.each(NAMES)('the tenant %s', (name) => {
  const routes = name === 'signed' ? SIGNED : BORNE;
  const others = NAMES.filter((other) => other !== name);

  test.each(routes)('%s answers foreign IDs like IDs that nobody has', async (route) => {
    const ask = (ids: Ids) => wholeAnswer(tenant(name).send(route, ids, bodyOf(route)));
    const unknown = await ask(NOBODYS);
    expect([unknown.status, JSON.parse(unknown.body).code]).toEqual([404, 'not_found']);
    for (const ids of uploadsOf(others)) expect(await ask(ids)).toEqual(unknown);
    expect(await ask({ uploadId: 'not-an-id', objectId: 'not-an-id' })).toEqual(unknown);
  });
});

test('no link is issued for the object of another tenant', async () => {
  const issue = (objectId: string) =>
    wholeAnswer(signedFetch(world.laptop.endpoints, 'POST', '/links', { objectId }));
  const unknown = await issue(NOBODYS.objectId);
  expect([unknown.status, JSON.parse(unknown.body).code]).toEqual([404, 'asset_not_found']);
  for (const { objectId } of uploadsOf(['acme', 'globex'])) expect(await issue(objectId)).toEqual(unknown);
});

test.each(['iam:', ''])(
  'a claim that names a signed caller, after "%s", is another tenant',
  async (prefix) => {
    const [upload] = tenant('signed').uploads;
    const { accessKeyId } = world.laptop.endpoints;
    const seen = (await everything()) as readonly { readonly tenant: string }[];
    const owner = seen.at(-1)?.tenant.replace('iam:', prefix) ?? '';
    expect(owner).not.toContain(accessKeyId);
    const token = await world.provider.token({ org: owner });
    const answer = await bearing(`GET /oidc/uploads/{uploadId}`, `Bearer ${token}`, upload);
    expect(answer.status).toBe(404);
  },
);

/** Sends a request with any credentials, or several. */
function bearing(
  route: string,
  authorization: string | string[] | undefined,
  ids: Ids | undefined,
): Promise<{ readonly status: number; readonly challenge: string | undefined; readonly body: string }> {
  const body = bodyOf(route) ?? (/ \/oidc\/uploads$/.test(route) ? DECLARED : undefined);
  const text = body === undefined ? '' : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof bearing>>>();
  request(
    `${world.laptop.endpoints.api}${pathOf(route, ids)}`,
    {
      method: route.split(' ', 1)[0],
      headers: {
        ...(text && { 'content-type': 'application/json', 'content-length': text.length }),
        ...(authorization && { authorization }),
      },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          challenge: response.headers['www-authenticate'],
          body: Buffer.concat(chunks).toString(),
        }),
      );
    },
  )
    .on('error', reject)
    .end(text);
  return promise;
}

const DECLARED = { fileName: 'notes.txt', type: 'text/plain', size: 5, sha256: 'a'.repeat(64) };

describe('credentials that are not valid', () => {
  const good = () => world.provider.token({ org: 'acme' });
  const now = () => Math.floor(Date.now() / 1000);

  test.each<[string, () => Promise<string | readonly string[] | undefined>]>([
    ['no token', async () => undefined],
    [
      'an expired token',
      async () => `Bearer ${await world.provider.token({ org: 'acme', exp: now() - 60 })}`,
    ],
    [
      'a token of another issuer',
      async () => `Bearer ${await world.provider.token({ org: 'acme', iss: 'https://login.example.org' })}`,
    ],
    [
      'a token for another audience',
      async () => `Bearer ${await world.provider.token({ org: 'acme', aud: 'mail' })}`,
    ],
    ['a token without the claim', async () => `Bearer ${await world.provider.token({})}`],
    ['a token without a signature', async () => `Bearer ${world.provider.unsigned({ org: 'acme' })}`],
    ['a token whose claims were changed', async () => `Bearer ${changed(await good())}`],
    ['a token under another scheme', async () => `Basic ${await good()}`],
    ['two headers with a valid token', async () => [`Bearer ${await good()}`, `Bearer ${await good()}`]],
    ['an empty header after a valid token', async () => [`Bearer ${await good()}`, '']],
  ])('%s gets 401 on every route, for own IDs as for any', async (_what, credentials) => {
    const authorization = await credentials();
    for (const route of ['POST /oidc/uploads', ...BORNE]) {
      for (const ids of [...uploadsOf(['acme']), NOBODYS]) {
        const { status, challenge, body } = await bearing(route, authorization, ids);
        expect([route, status, challenge]).toEqual([route, 401, 'Bearer']);
        expect(JSON.parse(body)).toMatchObject({ code: 'not_authenticated' });
      }
    }
  });

  test('a bearer token gets nowhere on a route that needs a signature', async () => {
    const operators = ['GET /operator/uploads/{uploadId}', 'POST /operator/uploads/{uploadId}/release'];
    for (const route of [...SIGNED, ...operators]) {
      const answer = await bearing(route, `Bearer ${await good()}`, tenant('acme').uploads[0]);
      expect([route, answer.status]).toEqual([route, 403]);
    }
  });
});

/** Returns the token with another tenant in its claims. */
function changed(token: string): string {
  const [header, claims = '', signature] = token.split('.');
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
  const others = Buffer.from(JSON.stringify({ ...read, org: 'globex' })).toString('base64url');
  return [header, others, signature].join('.');
}

test('nothing that was tried has changed any upload', async () => {
  expect(await everything()).toEqual(before);
});

test('every tenant still reaches its own uploads', async () => {
  for (const name of NAMES) {
    const { send, uploads, routes } = tenant(name);
    const [whole, parts] = uploads;
    const statuses = [];
    for (const route of routes.filter((each) => !each.startsWith('DELETE'))) {
      const ids = route.includes('/parts') ? parts : whole;
      statuses.push([route, (await send(route, ids, bodyOf(route))).status]);
    }
    expect(statuses).toEqual(statuses.map(([route]) => [route, 200]));
    const cancel = routes.find((route) => route.startsWith('DELETE')) ?? '';
    expect((await send(cancel, parts)).status).toBe(204);
  }
});
