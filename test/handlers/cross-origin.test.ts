import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { apiEvent, type RequestDetails } from '../support/api-event.ts';
import { call, createHandlerWorld, type HandlerWorld } from '../support/handler-world.ts';
import { faulty } from '../support/intercept.ts';

const SITE = 'https://www.example.org';
const BODY = { email: 'ada@example.org', asset: 'report.pdf' };

let world: HandlerWorld;

beforeEach(() => {
  world = createHandlerWorld();
  world.files.offer('report.pdf');
});

function ask(details: RequestDetails, changed: Partial<HandlerWorld> = {}) {
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

const sharingHeaders = (headers: Readonly<Record<string, string>>) =>
  Object.keys(headers).filter((name) => name.startsWith('Access-Control-Allow-Origin'));

describe('a page of another site', () => {
  test('may read the answer if its origin is on the list, and that answer names it alone', async () => {
    const answer = await ask(from(SITE));
    expect(answer.status).toBe(202);
    expect(answer.headers['Access-Control-Allow-Origin']).toBe(SITE);
    expect(answer.headers.Vary?.split(', ')).toEqual(expect.arrayContaining(['Accept', 'Origin']));
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
  ])('is told nothing as %p, which is not on the list', async (origin) => {
    const answer = await ask(from(origin));
    expect(sharingHeaders(answer.headers)).toEqual([]);
    // A cache must not give this answer to the site that is on the list.
    expect(answer.headers.Vary).toContain('Origin');
    expect(sharingHeaders((await ask(preflight(origin))).headers)).toEqual([]);
  });

  test('may send JSON once its preflight was answered, and no credentials', async () => {
    const { status, body, headers } = await ask(preflight(SITE));
    expect({ status, body }).toEqual({ status: 204, body: '' });
    expect(headers).toMatchObject({
      'Access-Control-Allow-Origin': SITE,
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'Content-Type',
    });
    expect(headers['Access-Control-Allow-Credentials']).toBeUndefined();
  });

  test('can read why it was refused', async () => {
    const answer = await ask(from(SITE, { ...BODY, asset: 'missing.pdf' }));
    expect(answer.status).toBe(404);
    expect(answer.headers['Access-Control-Allow-Origin']).toBe(SITE);
  });

  test('can read that something is down, and when to try again', async () => {
    const error = new Unavailable('files', undefined);
    const files = faulty(world.files, 'head', { lose: 'request', error });
    const answer = await ask(from(SITE), { files });
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({
      'Access-Control-Allow-Origin': SITE,
      'Access-Control-Expose-Headers': 'Retry-After',
      'Retry-After': expect.any(String),
    });
  });

  test('spends nothing and asks no service by a preflight', async () => {
    await ask(preflight(SITE));
    expect(world.ledger.entries).toEqual([]);
    expect(world.queue.messages).toEqual([]);
    expect(world.telemetry.milestones).toEqual([]);
  });
});

describe('without allowed origins', () => {
  test.each([from(SITE), preflight(SITE)])('no answer is shared', async (details) => {
    const { headers } = await ask(details, { allowedOrigins: [] });
    expect(sharingHeaders(headers)).toEqual([]);
    expect(headers.Vary ?? '').not.toContain('Origin');
  });
});
