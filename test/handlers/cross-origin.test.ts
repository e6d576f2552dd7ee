import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { createRenewalsHandler } from '../../lambda/handlers/renewals.ts';
import { apiEvent, type RequestDetails } from '../../laptop/test/support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld, PUBLIC_ORIGIN } from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';

const SITE = 'https://www.example.org';
const BODY = { email: 'ada@example.org', asset: 'report.pdf' };

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
  world.files.offer('report.pdf');
});

function request(details: RequestDetails, changed: Partial<HandlerWorld> = {}) {
  const deps = { ...world, allowedOrigins: [SITE, 'https://shop.example.com'], ...changed };
  return call(createMintHandler(deps), apiEvent('post-token-json', details));
}

const from = (Origin: string, body: unknown = BODY): RequestDetails => ({
  headers: { Origin },
  body: body as object,
});

const preflight = (Origin: string): RequestDetails => ({
  route: 'OPTIONS /token',
  headers: { Origin, 'Access-Control-Request-Method': 'POST' },
  body: null,
});

/** Returns a request as browsers send it from a page on another site. */
const crossSite = (Origin: string, details: RequestDetails = {}): RequestDetails => ({
  body: BODY,
  ...details,
  headers: { Origin, 'Sec-Fetch-Site': 'cross-site', ...details.headers },
});

const sharingHeaders = (headers: Readonly<Record<string, string>>) =>
  Object.keys(headers).filter((name) => name.startsWith('Access-Control-Allow-Origin'));

describe('requests by scripts on other sites', () => {
  test('an allowed origin can read the response, which names no other origin', async () => {
    const response = await request(from(SITE));
    expect(response.status).toBe(202);
    expect(response.headers['Access-Control-Allow-Origin']).toBe(SITE);
    expect(response.headers.Vary?.split(', ')).toEqual(expect.arrayContaining(['Accept', 'Origin']));
  });

  test.each([
    'https://www.example.org.evil.example',
    'https://evil.example',
    'http://www.example.org',
    'https://www.example.org:8443',
    'HTTPS://WWW.EXAMPLE.ORG',
    'null',
    '*',
    '',
  ])('the origin %p, which is not allowed, cannot read the response', async (origin) => {
    const response = await request(from(origin));
    expect(sharingHeaders(response.headers)).toEqual([]);
    // Without `Vary: Origin`, a cache could serve this response to an allowed origin.
    expect(response.headers.Vary).toContain('Origin');
    expect(sharingHeaders((await request(preflight(origin))).headers)).toEqual([]);
  });

  test('a preflight allows JSON, but no credentials', async () => {
    const { status, body, headers } = await request(preflight(SITE));
    expect({ status, body }).toEqual({ status: 204, body: '' });
    expect(headers).toMatchObject({
      'Access-Control-Allow-Origin': SITE,
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'Content-Type',
    });
    expect(headers['Access-Control-Allow-Credentials']).toBeUndefined();
  });

  test('an allowed origin can read a refusal', async () => {
    const response = await request(from(SITE, { ...BODY, asset: 'missing.pdf' }));
    expect(response.status).toBe(404);
    expect(response.headers['Access-Control-Allow-Origin']).toBe(SITE);
  });

  test('an allowed origin can read a 503 and its Retry-After', async () => {
    const error = new Unavailable('files', undefined);
    const files = faulty(world.files, 'head', { lose: 'request', error });
    const response = await request(from(SITE), { files });
    expect(response.status).toBe(503);
    expect(response.headers).toMatchObject({
      'Access-Control-Allow-Origin': SITE,
      'Access-Control-Expose-Headers': 'Retry-After',
      'Retry-After': expect.any(String),
    });
  });

  test('a preflight has no effect and is not counted', async () => {
    await request(preflight(SITE));
    expect(world.ledger.entries).toEqual([]);
    expect(world.queue.messages).toEqual([]);
    expect(world.telemetry.milestones).toEqual([]);
    expect(world.quota.countOf('')).toBe(0);
  });
});

describe('cross-site requests from an allowed origin', () => {
  test('an allowed origin can post a form, which browsers send without a preflight', async () => {
    const form = {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' },
      body: 'email=ada%40example.org&asset=report.pdf',
    };
    const response = await request(crossSite(SITE, form));
    expect(response.status).toBe(202);
    expect(response.headers['Content-Type']).toContain('text/html');
    expect(world.queue.messages).toHaveLength(1);
  });

  test('an allowed origin can post by script', async () => {
    expect((await request(crossSite(SITE))).status).toBe(202);
  });
});

const ROUTES = ['POST /token', 'POST /redeem/renew', 'POST /redeem/report'] as const;

/** Posts to a route with a rate limit of one request per source and hour. */
function post(route: (typeof ROUTES)[number], details: RequestDetails) {
  const limits = { ...world.limits, sourcePerHour: 1 };
  const deps = { ...world, limits, allowedOrigins: [SITE] };
  const handler = route === 'POST /token' ? createMintHandler(deps) : createRenewalsHandler(deps);
  return call(handler, apiEvent('post-token-json', { ...details, route }));
}

describe.each(ROUTES)('requests to %s', (route) => {
  const body = route === 'POST /token' ? BODY : { token: 'x' };
  const counted = () => world.quota.countOf('');

  test.each(['cross-site', 'same-site'])(
    'a %s request is refused and not counted, so that it cannot use up the rate limit of its source',
    async (site) => {
      for (const Origin of ['https://evil.example', 'null', undefined]) {
        const response = await post(route, { body, headers: { Origin, 'Sec-Fetch-Site': site } });
        expect(response.json).toMatchObject({ status: 403, code: 'cross_site_refused' });
        expect(sharingHeaders(response.headers)).toEqual([]);
      }
      expect(counted()).toBe(0);
      expect((await post(route, { body })).status).not.toBe(429);
      expect(world.telemetry.lines[0]?.outcome).toBe('cross_site_refused');
    },
  );

  test('a browser that another site sent here gets a page that links to our form', async () => {
    const response = await post(
      route,
      crossSite('https://evil.example', { headers: { Accept: 'text/html' } }),
    );
    expect(response.status).toBe(403);
    expect(response.body).toContain('Please use our own form');
    expect(response.body).toContain(`href="${PUBLIC_ORIGIN}/"`);
  });

  test.each<[string, RequestDetails, number]>([
    ['a body of plain text', { headers: { 'Content-Type': 'text/plain' }, body: 'x' }, 415],
    ['a multipart form', { headers: { 'Content-Type': 'multipart/form-data; boundary=x' }, body: 'x' }, 415],
    ['a body over the limit', { body: 'x'.repeat(9000) }, 413],
  ])('a request with %s is refused and not counted', async (_what, details, status) => {
    expect((await post(route, details)).status).toBe(status);
    expect(counted()).toBe(0);
  });

  test.each(['same-origin', 'none', 'some-future-value', undefined])(
    'a request with Sec-Fetch-Site %p is counted, even if its body is invalid',
    async (site) => {
      const headers = { 'Sec-Fetch-Site': site };
      expect((await post(route, { headers, body: 'not JSON' })).status).toBe(400);
      expect((await post(route, { headers, body })).status).toBe(429);
    },
  );
});

test.each(['POST /redeem/renew', 'POST /redeem/report'] as const)(
  'an allowed origin cannot call %s, because allowedOrigins applies only to POST /token',
  async (route) => {
    expect((await post(route, crossSite(SITE))).json).toMatchObject({ code: 'cross_site_refused' });
  },
);

test('a stack without allowed origins lets no other origin read the response to a request or a preflight', async () => {
  for (const details of [from(SITE), preflight(SITE)]) {
    const { headers } = await request(details, { allowedOrigins: [] });
    expect(sharingHeaders(headers)).toEqual([]);
    expect(headers.Vary ?? '').not.toContain('Origin');
  }
});
