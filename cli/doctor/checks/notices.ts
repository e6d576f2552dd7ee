import { countText } from '../../tvm/format.ts';
import type { Account } from '../account.ts';
import { type Check, type Finding, fine, problem } from '../finding.ts';

/** Checks that alarm notifications and events are delivered. If a policy blocks them, nothing else reports it. */
export function noticesCheck(
  account: Pick<Account, 'failedActions' | 'lostEvents'>,
  alarms: () => Promise<readonly string[]>,
  rules: () => Promise<readonly string[]>,
): Check {
  return {
    name: 'notices',
    permissions: ['cloudwatch:DescribeAlarmHistory', 'cloudwatch:GetMetricData'],
    look: async () => {
      const failed = await account.failedActions(await alarms());
      const lost = await account.lostEvents(await rules());
      const findings = [...failed.map(failedNotification), ...(lost > 0 ? [undelivered(lost)] : [])];
      return findings.length > 0 ? findings : [fine('notices', 'all delivered')];
    },
  };
}

function failedNotification({ alarm, reason }: { readonly alarm: string; readonly reason: string }): Finding {
  return problem(
    'notices',
    `${alarm} could not notify anyone: ${reason}`,
    'The policies of the topic and its key must admit CloudWatch: docs/operations.md#alarms.',
  );
}

function undelivered(count: number): Finding {
  return problem(
    'notices',
    `EventBridge failed to deliver ${countText(count, 'event')} in the last 14 days`,
    'See docs/operations.md#undeliveredeventalarm.',
  );
}
