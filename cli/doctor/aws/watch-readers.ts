import { type APIGatewayClient, GetAccountCommand } from '@aws-sdk/client-api-gateway';
import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { type CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetMalwareProtectionPlanCommand, type GuardDutyClient } from '@aws-sdk/client-guardduty';
import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { AlarmFacts, KeyFacts, LogGroupFacts, ScannerFacts } from '../account.ts';

/** Maximum number of alarms that CloudWatch accepts in one request. */
const ALARMS_PER_REQUEST = 100;

export async function readAlarms(
  client: CloudWatchClient,
  names: readonly string[],
): Promise<readonly AlarmFacts[]> {
  const facts: AlarmFacts[] = [];
  for (let at = 0; at < names.length; at += ALARMS_PER_REQUEST) {
    const AlarmNames = names.slice(at, at + ALARMS_PER_REQUEST);
    const found = await client.send(
      new DescribeAlarmsCommand({
        AlarmNames,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: ALARMS_PER_REQUEST,
      }),
    );
    for (const alarm of [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])]) {
      facts.push({
        name: alarm.AlarmName ?? '',
        state: alarm.StateValue ?? 'unknown',
        reason: alarm.StateReason ?? '',
        notifies: alarm.ActionsEnabled === true && (alarm.AlarmActions ?? []).length > 0,
      });
    }
  }
  return facts;
}

/** Reads the log group with exactly this name. CloudWatch can only filter by prefix. */
export async function readLogGroup(
  client: CloudWatchLogsClient,
  name: string,
): Promise<LogGroupFacts | undefined> {
  const found = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  const group = found.logGroups?.find(({ logGroupName }) => logGroupName === name);
  return group && { name, retentionDays: group.retentionInDays };
}

export async function readKey(client: KMSClient, id: string): Promise<KeyFacts> {
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: id }));
  return { state: KeyMetadata?.KeyState ?? 'unknown', spec: KeyMetadata?.KeySpec ?? 'unknown' };
}

/** @see https://docs.aws.amazon.com/apigateway/latest/api/API_GetAccount.html */
export async function readApiLogRole(client: APIGatewayClient): Promise<string | undefined> {
  const { cloudwatchRoleArn } = await client.send(new GetAccountCommand({}));
  return cloudwatchRoleArn === '' ? undefined : cloudwatchRoleArn;
}

/** @see https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetMalwareProtectionPlan.html */
export async function readScanner(
  client: GuardDutyClient,
  MalwareProtectionPlanId: string,
): Promise<ScannerFacts> {
  const plan = await client.send(new GetMalwareProtectionPlanCommand({ MalwareProtectionPlanId }));
  return {
    status: plan.Status ?? 'unknown',
    tags: plan.Actions?.Tagging?.Status === 'ENABLED',
    reasons: (plan.StatusReasons ?? []).map(({ Code = 'unknown' }) => Code),
  };
}
