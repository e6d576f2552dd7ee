import type { Account } from '../account.ts';
import { type Check, fine, warning } from '../finding.ts';

/** With less, a few slow readers of streams or a burst of requests turn everybody else away. */
const ROOM = 100;

/** Whether the account may run enough functions at once: a new one may run ten. */
export function concurrencyCheck(account: Pick<Account, 'concurrency'>): Check {
  return {
    name: 'concurrency',
    rights: ['lambda:GetAccountSettings'],
    look: async () => {
      const { limit, unreserved } = await account.concurrency();
      const found = `${unreserved} functions at once${limit === unreserved ? '' : `, of ${limit}`}`;
      const advice = 'All functions of the account and region share them: docs/operations.md#quotas.';
      return [unreserved < ROOM ? warning('concurrency', found, advice) : fine('concurrency', found)];
    },
  };
}
