import type { Account, KeyFacts } from '../account.ts';
import { type Check, type Finding, fine, problem } from '../finding.ts';

export interface WantedKey {
  readonly name: string;
  readonly id: string;
  /** The required key spec. Absent if any spec is allowed. */
  readonly spec?: string;
}

/** Checks that all keys are enabled and have the right spec. */
export function keysCheck(account: Pick<Account, 'key'>, wanted: () => Promise<readonly WantedKey[]>): Check {
  return {
    name: 'keys',
    permissions: ['kms:DescribeKey'],
    look: async () => {
      const keys = await wanted();
      const findings = await Promise.all(keys.map(async (key) => trouble(key, await account.key(key.id))));
      const troubles = findings.filter((finding) => finding !== undefined);
      return troubles.length > 0 ? troubles : [fine('keys', `${keys.length} enabled`)];
    },
  };
}

function trouble({ name, id, spec }: WantedKey, facts: KeyFacts): Finding | undefined {
  if (facts.state === 'PendingDeletion') {
    return problem(
      'keys',
      `the ${name} is scheduled for deletion`,
      `Run now: aws kms cancel-key-deletion --key-id ${id}, then enable-key (docs/operations.md#keys).`,
    );
  }
  if (facts.state !== 'Enabled') {
    return problem('keys', `the ${name} is ${facts.state}`, `Run: aws kms enable-key --key-id ${id}`);
  }
  return spec !== undefined && facts.spec !== spec
    ? problem('keys', `the ${name} has spec ${facts.spec}, not ${spec}`, 'Deploy the stack again.')
    : undefined;
}
