import {
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  GetMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import type { FailedAction } from '../account.ts';

/** Maximum time between the notifications about one state change. */
const TOGETHER_MS = 60_000;
const DAY_SECONDS = 86_400;
const DAYS = 14;

/**
 * Prefix of the history entry for a failed notification (AWS re:Post, "Why didn't I receive an SNS notification for
 * my CloudWatch alarm trigger?").
 */
const FAILED = /^Failed to execute action/;

/** Returns the alarms whose last notification failed. A success shows that the cause of earlier failures is gone. */
export async function readFailedActions(
  client: CloudWatchClient,
  alarms: readonly string[],
): Promise<readonly FailedAction[]> {
  const failed: FailedAction[] = [];
  for (const alarm of alarms) {
    const { AlarmHistoryItems = [] } = await client.send(
      new DescribeAlarmHistoryCommand({
        AlarmName: alarm,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        HistoryItemType: 'Action',
        ScanBy: 'TimestampDescending',
        MaxRecords: 10,
      }),
    );
    const times = AlarmHistoryItems.map(({ Timestamp }) => Timestamp?.getTime() ?? 0);
    const last = AlarmHistoryItems.filter((_, at) => (times[at] ?? 0) > Math.max(...times) - TOGETHER_MS);
    const reason = last.map(({ HistorySummary = '' }) => HistorySummary).find((text) => FAILED.test(text));
    if (reason !== undefined) failed.push({ alarm, reason });
  }
  return failed;
}

/**
 * Counts the events that EventBridge failed to deliver for these rules in the last 14 days.
 *
 * @param rules names or ARNs, whichever CloudFormation reports
 */
export async function readLostEvents(
  client: CloudWatchClient,
  rules: readonly string[],
  now: Date,
): Promise<number> {
  if (rules.length === 0) return 0;
  const queries = rules.flatMap((rule, index) =>
    ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'].map((MetricName) => ({
      Id: `rule${index}${MetricName}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/Events',
          MetricName,
          Dimensions: [{ Name: 'RuleName', Value: rule.slice(rule.lastIndexOf('/') + 1) }],
        },
        Period: DAY_SECONDS,
        Stat: 'Sum',
      },
    })),
  );
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(now.getTime() - DAYS * DAY_SECONDS * 1000),
      EndTime: now,
    }),
  );
  return MetricDataResults.flatMap(({ Values = [] }) => Values).reduce((sum, value) => sum + value, 0);
}
