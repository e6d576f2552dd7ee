import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Parts } from '../capability.ts';
import { look, put, update } from './tables.ts';

/** Rows of second chances, by name prefix (lambda/adapters/dynamo-second-chances.ts). */
const SECOND_CHANCES = ['again/*'];

type Store = Pick<Parts, 'config' | 'store'>;

/** Allows granting and using second chances, if the options turn them on. */
export function giveSecondChances(parts: Store): readonly PolicyStatement[] {
  const { quota } = parts.store;
  if (parts.config.secondChance === 'off') return [];
  const about = ['tokenId', 'redemptionId', 'record', 'versionId', 'stampedAt', 'secretSha256'];
  return [
    ...lookAtSecondChances(parts),
    put(quota, ['counter', ...about, 'used', 'expiresAt'], SECOND_CHANCES),
    update(quota, ['counter', 'used', 'takenBy', 'expiresAt', 'ended'], SECOND_CHANCES),
  ];
}

/** Allows checking whether a file can be reissued. */
export function lookAtSecondChances({ config, store }: Store): readonly PolicyStatement[] {
  return config.secondChance === 'on' ? [look(store, SECOND_CHANCES)] : [];
}

/** Allows ending second chances without reading them. The receipt says how long they last. */
export function endSecondChances({ config, store }: Store): readonly PolicyStatement[] {
  return config.secondChance === 'on'
    ? [update(store.quota, ['counter', 'ended', 'expiresAt'], SECOND_CHANCES)]
    : [];
}
