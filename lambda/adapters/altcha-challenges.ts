import { createHash, createHmac } from 'node:crypto';
import { createChallenge, randomInt, verifySolution } from 'altcha-lib';
import { deriveKey as derivePassword } from 'altcha-lib/algorithms/pbkdf2';
import * as z from 'zod/mini';
import type { AssetName } from '../domain/asset-name.ts';
import type { EpochSeconds, ProofId } from '../domain/ids.ts';
import type { Challenge, Challenges } from '../domain/proof-of-work.ts';
import { type ComputeMac, derivedOnce } from './kms-derived-keys.ts';

/** Algorithm and iterations for each try. Every browser can run the algorithm off the main thread (`crypto.subtle`). */
const ALGORITHM = 'PBKDF2/SHA-256';
const COST = 20_000;

/**
 * Maximum number of tries to solve a challenge. Each challenge has a random solution below this number, so the time to
 * solve it is bounded (docs/adr, "Let browsers work for their requests"). The range starts at 0, because an attacker
 * would skip everything below a fixed minimum.
 */
const MOST_TRIES = 200;

const hex = (bytes: number) => z.string().check(z.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)));

/** Schema of a proof: a challenge with the parameters that {@link AltchaChallenges} sets, and its solution. */
const payload = z.strictObject({
  challenge: z.strictObject({
    parameters: z.strictObject({
      algorithm: z.literal(ALGORITHM),
      cost: z.literal(COST),
      data: z.strictObject({ file: hex(32) }),
      expiresAt: z.int(),
      keyLength: z.literal(32),
      keyPrefix: hex(16),
      keySignature: hex(32),
      nonce: hex(16),
      salt: hex(16),
    }),
    signature: hex(32),
  }),
  solution: z.object({ counter: z.int(), derivedKey: hex(32) }),
});

/**
 * Creates challenges and checks solutions (ALTCHA protocol, version 2), with a key that each instance derives once.
 *
 * @see https://altcha.org/docs/v2/proof-of-work/
 */
export class AltchaChallenges implements Challenges {
  readonly #key: () => Promise<Uint8Array>;

  constructor(computeMac: ComputeMac, keyId: string) {
    this.#key = derivedOnce(computeMac, keyId, 'tvm/proof-of-work-key/v1');
  }

  async create(asset: AssetName, expiresAt: EpochSeconds): Promise<Challenge> {
    return createChallenge({
      ...(await this.#secrets()),
      algorithm: ALGORITHM,
      cost: COST,
      counter: randomInt(MOST_TRIES, 0),
      data: { file: hashOf(asset) },
      deriveKey: derivePassword,
      expiresAt,
    });
  }

  async solvedBy(proof: string, asset: AssetName, now: EpochSeconds): Promise<ProofId | undefined> {
    const read = payload.safeParse(parsedJson(proof));
    if (!read.success) return undefined;
    const { challenge, solution } = read.data;
    const { data, expiresAt, nonce } = challenge.parameters;
    if (data.file !== hashOf(asset) || expiresAt <= now) return undefined;
    const { verified } = await verifySolution({
      ...(await this.#secrets()),
      challenge,
      solution: { ...solution, time: 0 },
      deriveKey: derivePassword,
    });
    return verified ? (nonce as ProofId) : undefined;
  }

  async #secrets() {
    const key = await this.#key();
    const secret = (purpose: string) => createHmac('sha256', key).update(purpose).digest('hex');
    return { hmacSignatureSecret: secret('challenge'), hmacKeySignatureSecret: secret('solution') };
  }
}

/** Hashes a file name, because the name itself may be too long for a challenge. */
function hashOf(asset: AssetName): string {
  return createHash('sha256').update(asset).digest('hex');
}

/** Parses a proof, which is Base64-encoded JSON; returns `undefined` for anything else. */
function parsedJson(proof: string): unknown {
  try {
    return JSON.parse(Buffer.from(proof, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
