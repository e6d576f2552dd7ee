import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import pMap from 'p-map';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';

/** Hourly limit on requests from one source. With `auto`, half of the limit is available without a proof. */
const LIMIT = 40;

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop({ proofOfWork: 'auto', sourceLimitPerHour: String(LIMIT) });
  await laptop.offer('report.pdf', 'the report');
});
afterAll(() => laptop.close());

interface Call {
  /** The local IP address from which the request is sent. */
  readonly from: string;
  readonly body?: object;
}

async function call(
  path: string,
  { from, body }: Call,
): Promise<{ status: number | undefined; json: ResponseBody }> {
  const received = Promise.withResolvers<IncomingMessage>();
  const sent = request(`${laptop.endpoints.api}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    localAddress: from,
  });
  sent.on('error', received.reject).on('response', received.resolve);
  sent.end(body && JSON.stringify(body));
  const response = await received.promise;
  return { status: response.statusCode, json: JSON.parse(await text(response)) as ResponseBody };
}

interface ResponseBody {
  readonly code?: string;
  readonly challenge?: Parameters<typeof solveChallenge>[0]['challenge'] | null;
}

async function ask(name: string, from: string, proof = ''): Promise<string> {
  const body = { email: `${name}@example.org`, asset: 'report.pdf', proof };
  const { status, json } = await call('/token', { from, body });
  return json.code ?? String(status);
}

async function solve(from: string): Promise<string> {
  const { challenge } = (await call('/challenge?asset=report.pdf', { from })).json;
  if (!challenge) throw new Error('The response has no challenge');
  const solution = await solveChallenge({ challenge, deriveKey });
  return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
}

describe('a flood of 1,000 requests from one source', () => {
  test('gets half of the hourly limit through without a proof, and does not affect other sources', async () => {
    const numbers = Array.from({ length: 1000 }, (_, number) => number);
    const responses = await pMap(numbers, (number) => ask(`flood-${number}`, '127.0.0.1'), {
      concurrency: 16,
    });
    const byResponse = Map.groupBy(responses, (response) => response);
    expect(Object.fromEntries([...byResponse].map(([response, { length }]) => [response, length]))).toEqual({
      202: LIMIT / 2,
      proof_required: LIMIT / 2,
      quota_exceeded: 1000 - LIMIT,
    });
    expect(await ask('neighbor', '127.0.0.2')).toBe('202');
    await mailTo(laptop.endpoints.inbox, 'neighbor@example.org');
  });
});

test('a visitor on a busy network gets through with a proof, which is good for one request', async () => {
  const from = '127.0.0.3';
  for (let number = 0; number < LIMIT / 2; number += 1) await ask(`busy-${number}`, from);
  expect(await ask('late', from)).toBe('proof_required');
  const proof = await solve(from);
  const responses = await Promise.all(['ada', 'bob', 'eve'].map((name) => ask(name, from, proof)));
  expect(responses.toSorted()).toEqual(['202', 'proof_refused', 'proof_refused']);
});
