import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { ProofPolicy } from '../../lambda/domain/proof-of-work.ts';
import { createChallengesHandler } from '../../lambda/handlers/challenges.ts';
import { createMintHandler } from '../../lambda/handlers/mint.ts';
import { apiEvent } from '../../laptop/test/support/api-event.ts';
import {
  call,
  createHandlerWorld,
  type HandlerResponse,
  type HandlerWorld,
} from '../support/handler-world.ts';
import { memoryChallenges, proofOf } from '../support/memory-challenges.ts';

const LIMIT = 20;
const proofs = (policy: ProofPolicy) => ({ policy, challenges: memoryChallenges });

let world: HandlerWorld;
let limits: HandlerWorld['limits'];

beforeEach(() => {
  world = createHandlerWorld();
  world.files.offer('report.pdf');
  limits = { ...world.limits, sourcePerHour: LIMIT, sourceMailsPerDay: 1000 };
});

/** Sends a request to the form. If the policy is `off`, no request needs a proof. */
function send(policy: ProofPolicy | 'off', proof?: string, headers = {}): Promise<HandlerResponse> {
  const handler = createMintHandler({
    ...world,
    limits,
    ...(policy !== 'off' && { proofs: proofs(policy) }),
  });
  const body = { email: 'ada@example.org', asset: 'report.pdf', ...(proof !== undefined && { proof }) };
  return call(handler, apiEvent('post-token-json', { body, headers }));
}

function ask(
  policy: ProofPolicy,
  query: Record<string, string> = { asset: 'report.pdf' },
): Promise<HandlerResponse> {
  const handler = createChallengesHandler({ ...world, limits, policy, challenges: memoryChallenges });
  return call(handler, apiEvent('get-form', { route: 'GET /challenge', query }));
}

async function statuses(requests: number, policy: ProofPolicy | 'off', proof?: string): Promise<number[]> {
  const found: number[] = [];
  for (let request = 0; request < requests; request += 1) found.push((await send(policy, proof)).status);
  return found;
}

const times = (count: number, status: number) => Array.from({ length: count }, () => status);

describe('a request without a proof of work', () => {
  test.each([
    ['auto', 10],
    ['always', 2],
  ] as const)(
    'is accepted with the policy %s if it is among the first %d in an hour, and otherwise gets 429',
    async (policy, free) => {
      expect(await statuses(free + 1, policy)).toEqual([...times(free, 202), 429]);
      const response = await send(policy, '');
      expect(response.json).toMatchObject({ code: 'proof_required' });
      expect(response.headers['Retry-After']).toBe('3600');
    },
  );

  test('causes no e-mail and no write if it is refused for lack of a proof', async () => {
    await statuses(10, 'auto');
    const before = [world.queue.messages.length, world.ledger.entries.length];
    await send('auto');
    expect([world.queue.messages.length, world.ledger.entries.length]).toEqual(before);
  });

  test('gets a page that says to enable JavaScript or wait, and links back to the form', async () => {
    await statuses(10, 'auto');
    const response = await send('auto', undefined, { Accept: 'text/html' });
    expect(response.status).toBe(429);
    expect(response.body).toContain('JavaScript is needed for now');
    expect(response.body).toMatch(/wait <strong>\d+ minutes|wait <strong>1 hour/);
    expect(response.body).toContain('?asset=report.pdf');
  });
});

describe('requests without a proof of work from many sources', () => {
  test('are accepted up to a share of the daily e-mails, after which everyone needs a proof', async () => {
    limits = { ...limits, formMailsPerDay: 30 };
    const handler = createMintHandler({ ...world, limits, proofs: proofs('always') });
    const from = (source: number) =>
      apiEvent('post-token-json', {
        body: { email: `ada${source}@example.org`, asset: 'report.pdf' },
        sourceIp: `198.51.100.${source}`,
      });
    const responses: number[] = [];
    for (let source = 1; source <= 4; source += 1) responses.push((await call(handler, from(source))).status);
    expect(responses).toEqual([202, 202, 202, 429]);
    limits = { ...limits, formMailsPerDay: 6 };
    expect((await ask('auto')).json).toMatchObject({ challenge: { parameters: { asset: 'report.pdf' } } });
  });
});

describe('a request with a proof of work', () => {
  test('is accepted up to the rate limit of its source, even when requests without a proof no longer are', async () => {
    await statuses(10, 'auto');
    const responses: number[] = [];
    for (let request = 0; request <= 10; request += 1) {
      responses.push((await send('auto', proofOf(request))).status);
    }
    expect(responses).toEqual([...times(10, 202), 429]);
    expect((await send('auto', proofOf(11))).json).toMatchObject({ code: 'quota_exceeded' });
  });

  test('does not count as a request without a proof', async () => {
    for (let request = 0; request < 9; request += 1) await send('auto', proofOf(request));
    expect(await statuses(10, 'auto')).toEqual(times(10, 202));
  });

  test('is accepted once for each proof, however many requests arrive at the same time', async () => {
    const responses = await Promise.all(Array.from({ length: 10 }, () => send('always', proofOf(1))));
    expect(responses.map(({ status }) => status).toSorted()).toEqual([202, ...times(9, 403)]);
    expect(responses.find(({ status }) => status === 403)?.json).toMatchObject({ code: 'proof_refused' });
    expect(world.queue.messages).toHaveLength(1);
  });

  test.each([
    ['for another file', proofOf(1, 'other.pdf')],
    ['that is not valid', 'bogus'],
  ])('gets 403 for a proof %s, and sends nothing', async (_what, proof) => {
    expect(await send('auto', proof)).toMatchObject({ status: 403, json: { code: 'proof_refused' } });
    expect(world.queue.messages).toEqual([]);
  });

  test('gets 400 with the name of the field if the proof is longer than any valid proof', async () => {
    const response = await send('auto', 'x'.repeat(2049));
    expect(response).toMatchObject({ status: 400, json: { code: 'invalid_request', field: 'proof' } });
  });

  test('does not spend its proof if another part of the request is invalid', async () => {
    const handler = createMintHandler({ ...world, limits, proofs: proofs('always') });
    const wrong = { email: 'ada@mailinator.com', asset: 'report.pdf', proof: proofOf(1) };
    expect((await call(handler, apiEvent('post-token-json', { body: wrong }))).status).toBe(400);
    expect((await send('always', proofOf(1))).status).toBe(202);
  });

  test('does not spend its proof if a service is down, so that the request can be repeated', async () => {
    const head = world.files.head.bind(world.files);
    world.files.head = async () => {
      throw new Unavailable('files', undefined);
    };
    expect((await send('always', proofOf(1))).status).toBe(503);
    world.files.head = head;
    expect((await send('always', proofOf(1))).status).toBe(202);
  });

  test('is accepted even if proofs are off, so that a site that embeds the form can always send a proof', async () => {
    expect(await statuses(2, 'off', 'whatever')).toEqual([202, 202]);
  });
});

describe('GET /challenge', () => {
  test('responds with null until the source has used half of its requests, and then with a challenge for the file', async () => {
    await statuses(9, 'auto');
    expect((await ask('auto')).json).toEqual({ challenge: null });
    await send('auto');
    const { status, json, headers } = await ask('auto');
    expect(status).toBe(200);
    expect(headers['Cache-Control']).toBe('no-store');
    const now = Math.floor(world.clock().getTime() / 1000);
    expect(json).toEqual({ challenge: { parameters: { asset: 'report.pdf', expiresAt: now + 600 } } });
  });

  test('responds with a challenge from the start if a proof is always needed', async () => {
    expect((await ask('always')).json).toMatchObject({ challenge: { parameters: { asset: 'report.pdf' } } });
  });

  test('counts nothing, however often it is called', async () => {
    for (let request = 0; request < 2 * LIMIT; request += 1) await ask('auto');
    expect(world.quota.countOf('')).toBe(0);
  });

  test.each([{}, { asset: '../secret' }])('gets 400 for the query %p', async (query) => {
    expect(await ask('auto', query as Record<string, string>)).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', field: 'asset' },
    });
  });

  test('gets 503 if the count for its source cannot be read', async () => {
    const quota = {
      look: async () => {
        throw new Unavailable('quota', undefined);
      },
    };
    const handler = createChallengesHandler({
      ...world,
      limits,
      policy: 'auto',
      challenges: memoryChallenges,
      quota,
    });
    const response = await call(
      handler,
      apiEvent('get-form', { route: 'GET /challenge', query: { asset: 'a' } }),
    );
    expect(response.status).toBe(503);
  });
});
