import type { Account } from '../account.ts';
import { type Check, fine, problem, REVERT_DRIFT } from '../finding.ts';

/** Checks that all log groups exist and have a retention period. */
export function logsCheck(
  account: Pick<Account, 'logGroup'>,
  names: () => Promise<readonly string[]>,
): Check {
  return {
    name: 'logs',
    permissions: ['logs:DescribeLogGroups'],
    look: async () => {
      const all = await names();
      const groups = await Promise.all(
        all.map(async (name) => ({ name, group: await account.logGroup(name) })),
      );
      const troubles = groups.flatMap(({ name, group }) => {
        if (group === undefined) {
          return [problem('logs', `${name} does not exist`, `Nothing is logged there. ${REVERT_DRIFT}`)];
        }
        return group.retentionDays === undefined
          ? [problem('logs', `${name} keeps logs forever`, REVERT_DRIFT)]
          : [];
      });
      return troubles.length > 0
        ? troubles
        : [fine('logs', `${all.length} log groups with a retention period`)];
    },
  };
}
