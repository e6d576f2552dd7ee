import { GetMalwareProtectionPlanCommand, type GuardDutyClient } from '@aws-sdk/client-guardduty';
import type { ScannerFacts } from '../account.ts';

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
