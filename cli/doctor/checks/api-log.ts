import type { Account } from '../account.ts';
import { type Check, fine, problem, REVERT_DRIFT, skipped } from '../finding.ts';

/**
 * Checks that API Gateway has a role for writing the access log. All APIs in the account and region share this setting.
 * If somebody clears it, the log and the alarm that counts its lines go silent without an error.
 *
 * @param filters the stack's metric filters: one if the stack has an access log, and none otherwise
 */
export function apiLogCheck(
  account: Pick<Account, 'apiLogRole'>,
  filters: () => Promise<readonly string[]>,
): Check {
  return {
    name: 'access log',
    permissions: ['apigateway:GET'],
    look: async () => {
      if ((await filters()).length === 0) return [skipped('access log', 'apiLogRole is none')];
      const role = await account.apiLogRole();
      return [
        role === undefined
          ? problem(
              'access log',
              'API Gateway has no role for writing it, so RequestThrottleAlarm gets no data',
              `If apiLogRole is existing, set a role: docs/operations.md#deploy. ${REVERT_DRIFT}`,
            )
          : fine('access log', `written by ${role.slice(role.lastIndexOf('/') + 1)}`),
      ];
    },
  };
}
