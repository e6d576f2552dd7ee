import type { Account } from '../account.ts';
import { type Check, fine, warning } from '../finding.ts';

/** Minimum concurrency. With less, a few slow streamed downloads or a burst of requests could block everyone else. */
const ROOM = 100;

/** Checks that the account can run enough functions at once. A new account may be limited to 10. */
export function concurrencyCheck(account: Pick<Account, 'concurrency'>): Check {
  return {
    name: 'concurrency',
    permissions: ['lambda:GetAccountSettings'],
    look: async () => {
      const { limit, unreserved } = await account.concurrency();
      const found = `${unreserved} functions can run at once${limit === unreserved ? '' : `, out of ${limit}`}`;
      const advice =
        'All functions in the account and region share this limit. Request a higher limit: docs/operations.md#quotas.';
      return [unreserved < ROOM ? warning('concurrency', found, advice) : fine('concurrency', found)];
    },
  };
}
