import type { Account } from '../account.ts';
import { type Check, fine, problem } from '../finding.ts';

/** Whether logs are kept, and not for ever. */
export function logsCheck(
  account: Pick<Account, 'logGroup'>,
  names: () => Promise<readonly string[]>,
): Check {
  return {
    name: 'logs',
    rights: ['logs:DescribeLogGroups'],
    look: async () => {
      const all = await names();
      const groups = await Promise.all(
        all.map(async (name) => ({ name, group: await account.logGroup(name) })),
      );
      const troubles = groups.flatMap(({ name, group }) => {
        if (group === undefined) {
          return [problem('logs', `${name} is gone`, 'Nothing is logged there: deploy the stack again.')];
        }
        return group.retentionDays === undefined
          ? [problem('logs', `${name} keeps logs for ever`, 'Deploy the stack again.')]
          : [];
      });
      return troubles.length > 0 ? troubles : [fine('logs', `${all.length} groups with a retention`)];
    },
  };
}
