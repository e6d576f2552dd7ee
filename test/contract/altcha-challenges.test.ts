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
// The library compares the expiry with the machine's clock, so the times here are real ones.
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

describe('a proof of work', () => {
  let made: Made;
  beforeAll(async () => {
    made = await solve();
  });

  test('that solves our challenge yields its ID, which is the same each time', async () => {
    const id = await check(made);
    expect(id).toBe(made.challenge.parameters.nonce);
    expect(await check(made)).toBe(id);
  });

  test('that was made by another instance with the same key counts', async () => {
    expect(await new AltchaChallenges(computeMac, 'key-1').solvedBy(proof(made), report, now)).toBeDefined();
  });

  test('takes at most 200 tries', () => {
    expect(made.solution.counter).toBeLessThanOrEqual(200);
  });

  test('does not count for another file, at or after its expiry, or under another key', async () => {
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
    ['no signature of the solution', { keySignature: undefined }],
    ['another algorithm', { algorithm: 'SHA-256' }],
    ['another nonce', { nonce: '0'.repeat(32) }],
  ])('does not count with %s', async (_what, changed) => {
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
      'a key that only starts like the solution',
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
    ['nothing', () => null],
  ])('does not count with %s', async (_what, change) => {
    expect(await check(change(made))).toBeUndefined();
  });

  test.each(['', '%%%', 'bm90IEpTT04=', '[]'])('does not count if it reads %p', async (text) => {
    expect(await challenges.solvedBy(text, report, now)).toBeUndefined();
  });

  test('cannot be made or checked without the key, and later tries ask for it again', async () => {
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
