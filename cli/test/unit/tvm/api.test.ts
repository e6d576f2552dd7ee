import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type RunningService, startLoopbackServer } from '../../../../laptop/src/loopback-server.ts';
import { callApi, failureOfProblem, readProblem } from '../../../tvm/api.ts';
import type { Connection } from '../../../tvm/connection.ts';

/** The reaction of the fake API to a call: a response or a broken connection. */
type Act =
  | {
      readonly status: number;
      readonly body?: string;
      readonly retryAfter?: string;
      readonly location?: string;
    }
  | 'break';

interface Seen {
  readonly target: string;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
}

let server: RunningService;
let acts: Act[];
let seen: Seen[];
let pauses: number[];

beforeEach(async () => {
  [acts, seen, pauses] = [[], [], []];
  server = await startLoopbackServer({ port: 0 }, async (request, response) => {
    const { 'idempotency-key': key, authorization } = request.headers;
    seen.push({ target: `${request.method} ${request.url}`, key: key?.toString(), authorization });
    const act = acts.shift() ?? { status: 200, body: '{}' };
    if (act === 'break') return void request.socket.destroy();
    const { status, body, retryAfter, location } = act;
    response.writeHead(status, {
      ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
      ...(location !== undefined && { location }),
    });
    response.end(body);
  });
});
afterEach(() => server.close());

const ISSUE = {
  method: 'POST',
  path: '/links',
  headers: { 'idempotency-key': 'k1' },
  body: { asset: 'a' },
} as const;

function call(request: Parameters<typeof callApi>[1] = ISSUE, signal = new AbortController().signal) {
  const connection = {
    deployment: { apiUrl: `${server.url}/v1` } as Connection['deployment'],
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
  };
  return callApi(connection, request, signal, async (milliseconds) => pauses.push(milliseconds));
}

describe('callApi', () => {
  test('signs for execute-api, with every relevant header', async () => {
    await call();
    expect(seen[0]?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=accept;content-type;host;idempotency-key;x-amz-content-sha256;x-amz-date, /,
    );
  });

  test('encodes a query the way AWS signatures require', async () => {
    await call({ method: 'GET', path: '/operator/tokens', query: { asset: 'a b+c&ü/x' } });
    expect(seen[0]?.target).toBe('GET /v1/operator/tokens?asset=a%20b%2Bc%26%C3%BC%2Fx');
  });

  test('retries with the same idempotency key after a lost response or a temporary error', async () => {
    acts = [
      'break',
      { status: 503 },
      { status: 429, retryAfter: '2' },
      { status: 201, body: '{"links":[]}' },
    ];
    expect(await call()).toEqual({ kind: 'success', body: { links: [] } });
    expect(seen.map(({ key }) => key)).toEqual(['k1', 'k1', 'k1', 'k1']);
  });

  test('waits with backoff, or as long as Retry-After says, up to ten seconds', async () => {
    acts = ['break', { status: 503, retryAfter: '7' }, { status: 503, retryAfter: '60' }];
    await call();
    const [first = 0, ...others] = pauses;
    expect(first).toBeGreaterThanOrEqual(150);
    expect(first).toBeLessThanOrEqual(450);
    expect(others).toEqual([7000, 10_000]);
  });

  test('does not retry if Retry-After is longer than a minute', async () => {
    acts = [{ status: 429, retryAfter: '3600', body: '{"title":"T","code":"quota_exceeded"}' }];
    expect(await call()).toMatchObject({ kind: 'problem', problem: { status: 429, retryAfter: 3600 } });
    expect(pauses).toEqual([]);
  });

  test('gives up after four attempts', async () => {
    acts = Array.from({ length: 9 }, () => ({ status: 503, body: '{"title":"T","code":"unavailable"}' }));
    const outcome = await call();
    expect(outcome).toEqual({ kind: 'problem', problem: { status: 503, title: 'T', code: 'unavailable' } });
    acts = Array.from({ length: 9 }, () => 'break' as const);
    seen = [];
    await expect(call()).rejects.toMatchObject({ name: 'TypeError' });
    expect(seen).toHaveLength(4);
  });

  test.each([400, 403, 404, 409, 422])('does not retry after status %d', async (status) => {
    acts = [{ status, body: '{"title":"T","code":"c"}' }];
    expect(await call()).toMatchObject({ kind: 'problem', problem: { status } });
    expect(seen).toHaveLength(1);
  });

  test('does not follow redirects', async () => {
    acts = [{ status: 307, location: '/elsewhere' }];
    expect(await call()).toMatchObject({ kind: 'problem', problem: { status: 307 } });
    expect(seen).toHaveLength(1);
  });

  test('stops when its signal is aborted', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(call(ISSUE, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual([]);
  });
});

describe('readProblem and failureOfProblem', () => {
  test('keep only the title, code, field, and time of a response', () => {
    const document = {
      type: 'urn:x',
      title: 'No',
      status: 400,
      code: 'invalid_request',
      field: 'note',
      redeemedAt: '2026-11-23T12:00:00Z',
      token: 'tvm_x',
    };
    expect(readProblem(400, document)).toEqual({
      status: 400,
      title: 'No',
      code: 'invalid_request',
      field: 'note',
      redeemedAt: '2026-11-23T12:00:00Z',
    });
  });

  test.each([[undefined], ['<html>'], [{ message: 'Forbidden' }], [{ title: 'T', code: 'not a code' }]])(
    'make a problem from the status if the response is not a problem: %p',
    (body) => {
      const title = 'The API responded with HTTP status 502';
      expect(readProblem(502, body)).toEqual({ status: 502, title, code: 'no_problem_document' });
    },
  );

  test.each([
    [400, 'invalid_request', 'usage'],
    [403, 'recipient_not_allowed', 'no'],
    [403, 'access_denied', 'unreachable'],
    [403, 'invalid_signature', 'unreachable'],
    [404, 'asset_not_found', 'notFound'],
    [409, 'token_redeemed', 'no'],
    [422, 'asset_too_large', 'no'],
    [429, 'quota_exceeded', 'unreachable'],
    [503, 'unavailable', 'unreachable'],
  ])('turn status %d and code %s into the ending "%s"', (status, code, ending) => {
    expect(failureOfProblem({ status, title: 'T', code }).ending).toBe(ending);
  });

  test.each([
    ['watermark', 'watermarks'],
    ['secondChance', 'secondChance'],
    ['presenceCode', 'presenceCode'],
    ['delivery', 'reverse proxy'],
  ])('say what the field "%s" needs: %s', (field, needed) => {
    const problem = { status: 400, title: 'T', code: 'invalid_request', field };
    expect(failureOfProblem(problem).hint).toContain(needed);
  });

  test.each([
    [{ retryAfter: 80_000 }, / See the deploy options callerMailLimitPerDay and programMailLimitPerDay\.$/],
    [{ retryAfter: 80_000, limit: 'upload_bytes' }, / See the deploy option uploadBytesPerDay\.$/],
    [{ retryAfter: 300, limit: 'open_uploads' }, / See the deploy option openUploadLimit\.$/],
    [{ retryAfter: 80_000, limit: 'later' }, /Nothing is done twice\.$/],
    [{ retryAfter: 1 }, /Nothing is done twice\.$/],
  ])('name the deploy option of the limit %j', (limit, hint) => {
    const problem = { status: 429, title: 'Too many requests', code: 'quota_exceeded', ...limit };
    expect(failureOfProblem(problem).hint).toMatch(hint);
  });

  test('print the code and the invalid field', () => {
    const problem = {
      status: 400,
      title: 'The request is not valid',
      code: 'invalid_request',
      field: 'note',
    };
    expect(failureOfProblem(problem).message).toBe('The request is not valid (invalid_request: note).');
  });
});
