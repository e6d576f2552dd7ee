import type { Account, FunctionFacts } from '../account.ts';
import { type Check, fine, problem } from '../finding.ts';

/** Checks that all functions can run. */
export function functionsCheck(
  account: Pick<Account, 'function'>,
  names: () => Promise<readonly string[]>,
): Check {
  return {
    name: 'functions',
    permissions: ['lambda:GetFunctionConfiguration'],
    look: async () => {
      const all = await names();
      const looked = await Promise.all(
        all.map(async (name) => ({ name, ...(await account.function(name)) })),
      );
      const down = looked.filter((one) => !isUp(one));
      if (down.length === 0) return [fine('functions', `${all.length} active`)];
      return down.map(({ name, state, lastUpdate }) =>
        problem('functions', `${name} is ${state}, last update: ${lastUpdate}`, 'Deploy the stack again.'),
      );
    },
  };
}

/** Returns whether a function can run. Lambda reactivates an inactive function when it is invoked. */
function isUp({ state, lastUpdate }: FunctionFacts): boolean {
  return (state === 'Active' || state === 'Inactive') && lastUpdate !== 'Failed';
}
