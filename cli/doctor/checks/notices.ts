import type { Account } from '../account.ts';
import { type Check, type Finding, fine, problem } from '../finding.ts';

/** Whether alarms and events reach whom they are for: a policy that keeps them out says nothing. */
export function noticesCheck(
  account: Pick<Account, 'failedActions' | 'lostEvents'>,
  alarms: () => Promise<readonly string[]>,
  rules: () => Promise<readonly string[]>,
): Check {
  return {
    name: 'notices',
    rights: ['cloudwatch:DescribeAlarmHistory', 'cloudwatch:GetMetricData'],
    look: async () => {
      const failed = await account.failedActions(await alarms());
      const lost = await account.lostEvents(await rules());
      const findings = [...failed.map(untold), ...(lost > 0 ? [undelivered(lost)] : [])];
      return findings.length > 0 ? findings : [fine('notices', 'none was lost')];
    },
  };
}

function untold({ alarm, reason }: { readonly alarm: string; readonly reason: string }): Finding {
  return problem(
    'notices',
    `${alarm} told nobody: ${reason}`,
    'Topic and key must let CloudWatch in: docs/operations.md#alarms.',
  );
}

function undelivered(count: number): Finding {
  return problem(
    'notices',
    `EventBridge could not deliver ${count} events in 14 days`,
    'docs/operations.md#undeliveredeventalarm says what to do.',
  );
}
