import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { AltchaChallenges } from '../../lambda/adapters/altcha-challenges.ts';
import { type EpochSeconds, epochSeconds, secondsAfter } from '../../lambda/domain/ids.ts';
import { assetName } from '../support/values.ts';

const computeMac = async (keyId: string, message: Uint8Array) =>
  createHmac('sha256', keyId).update(message).digest();
const challenges = new AltchaChallenges(computeMac, 'key-1');
const report = assetName('report.pdf');
// The library compares the expiry with the system clock, so the tests use the current time.
const now = epochSeconds(new Date());
const expiresAt = secondsAfter(now, 600);

interface Made {
  readonly challenge: { readonly parameters: Record<string, unknown>; readonly signature?: string };
  readonly solution: { readonly counter: number; readonly derivedKey: string };
}

async function solve(by = challenges): Promise<Made> {
  const challenge = (await by.create(report, expiresAt)) as Made['challenge'] &
    Parameters<typeof solveChallenge>[0]['challenge'];
  const solution = await solveChallenge({ challenge, deriveKey });
  if (solution === null) throw new Error('The challenge was not solved');
  return { challenge, solution };
}

const proof = (made: unknown) => Buffer.from(JSON.stringify(made)).toString('base64');
const check = (made: unknown, moment: EpochSeconds = now, asset = report) =>
  challenges.solvedBy(proof(made), asset, moment);

describe('proofs of work:', () => {
  let made: Made;
  beforeAll(async () => {
    made = await solve();
  });

  test('checking a valid proof, even twice, returns the ID of its challenge', async () => {
    const id = await check(made);
    expect(id).toBe(made.challenge.parameters.nonce);
    expect(await check(made)).toBe(id);
  });

  test('a proof is accepted by another instance with the same key', async () => {
    expect(await new AltchaChallenges(computeMac, 'key-1').solvedBy(proof(made), report, now)).toBeDefined();
  });

  test('solving a challenge takes at most 200 tries', () => {
    expect(made.solution.counter).toBeLessThanOrEqual(200);
  });

  test('a proof is rejected for another file, after it expires, and under another key', async () => {
    expect(await check(made, now, assetName('other.pdf'))).toBeUndefined();
    expect(await check(made, expiresAt)).toBeUndefined();
    expect(
      await new AltchaChallenges(computeMac, 'key-2').solvedBy(proof(made), report, now),
    ).toBeUndefined();
  });

  test.each([
    ['a cheaper challenge', { cost: 1 }],
    ['a later expiry', { expiresAt: expiresAt + 1 }],
    ['a shorter prefix', { keyPrefix: '00' }],
    ['no signature over the solution', { keySignature: undefined }],
    ['another algorithm', { algorithm: 'SHA-256' }],
    ['another nonce', { nonce: '0'.repeat(32) }],
  ])('a proof with %s is rejected', async (_what, changed) => {
    const { challenge, solution } = made;
    const parameters = { ...challenge.parameters, ...changed };
    expect(await check({ challenge: { ...challenge, parameters }, solution })).toBeUndefined();
  });

  test.each([
    [
      'an unsolved challenge',
      (one: Made) => ({ ...one, solution: { counter: 0, derivedKey: '0'.repeat(64) } }),
    ],
    [
      'a derived key that matches only the required prefix',
      (one: Made) => ({
        ...one,
        solution: {
          counter: 0,
          derivedKey: `${String(one.challenge.parameters.keyPrefix)}${'0'.repeat(32)}`,
        },
      }),
    ],
    [
      'no signature',
      ({ challenge: { parameters }, solution }: Made) => ({ challenge: { parameters }, solution }),
    ],
    ['no challenge', ({ solution }: Made) => ({ solution })],
    ['no content', () => null],
  ])('a proof with %s is rejected', async (_what, change) => {
    expect(await check(change(made))).toBeUndefined();
  });

  test.each(['', '%%%', 'bm90IEpTT04=', '[]'])('the text %p is rejected as a proof', async (text) => {
    expect(await challenges.solvedBy(text, report, now)).toBeUndefined();
  });

  test('creating a challenge fails while the key is unavailable, and the next call fetches the key again', async () => {
    let isDown = true;
    const flaky = new AltchaChallenges(async (keyId, message) => {
      if (isDown) throw Object.assign(new Error('slow'), { name: 'TimeoutError' });
      return computeMac(keyId, message);
    }, 'key-1');
    await expect(flaky.create(report, expiresAt)).rejects.toThrow();
    isDown = false;
    expect(await flaky.solvedBy(proof(made), report, now)).toBeDefined();
  });
});
