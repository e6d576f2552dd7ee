import type { ProofId } from '../../lambda/domain/ids.ts';
import type { Challenges } from '../../lambda/domain/proof-of-work.ts';

/** Challenges that need no work: `proofOf(n, asset)` solves the nth one for that file. */
export const memoryChallenges: Challenges = {
  create: async (asset, expiresAt) => ({ parameters: { asset, expiresAt } }),
  solvedBy: async (proof, asset) => {
    const [, digits = '', file] = /^solved (\w{32}) for (.*)$/.exec(proof) ?? [];
    return file === asset ? (digits as ProofId) : undefined;
  },
};

/** Returns the proof that solves the nth challenge. */
export function proofOf(challenge: number, asset = 'report.pdf'): string {
  return `solved ${String(challenge).padStart(32, '0')} for ${asset}`;
}
