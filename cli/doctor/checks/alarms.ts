import type { Account, AlarmFacts } from '../account.ts';
import { type Check, type Finding, fine, problem, warning } from '../finding.ts';

/** Checks that no alarm is in the ALARM state, and that alarms notify someone. */
export function alarmsCheck(
  account: Pick<Account, 'alarms'>,
  names: () => Promise<readonly string[]>,
): Check {
  return {
    name: 'alarms',
    permissions: ['cloudwatch:DescribeAlarms'],
    look: async () => {
      const alarms = await account.alarms(await names());
      const on = alarms.filter(({ state }) => state === 'ALARM');
      return [
        ...(on.length === 0 ? [fine('alarms', `${alarms.length} alarms, none on`)] : on.map(alarmFinding)),
        ...notificationFindings(alarms),
      ];
    },
  };
}

function alarmFinding({ name, reason }: AlarmFacts): Finding {
  return problem('alarms', `${name} is on: ${reason}`, 'docs/operations.md#alarms says what to do first.');
}

function notificationFindings(alarms: readonly AlarmFacts[]): readonly Finding[] {
  return alarms.some(({ notifies }) => notifies)
    ? []
    : [warning('alarms', 'alarms notify nobody', 'Set alarmEmail or alarmTopicArn, and deploy.')];
}
