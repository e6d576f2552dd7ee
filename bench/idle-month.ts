import { POLLS_PER_QUEUE_MONTH, PRICES } from './prices.ts';

/** Dollars by component. */
export type Bill = Readonly<Record<string, number>>;

interface Resource {
  readonly Type: string;
  readonly Properties?: unknown;
}

const HOURS_PER_MONTH = 730;

/** Returns the cost of a template's resources in a month without requests. */
export function idleMonth(resources: readonly Resource[]): Bill {
  const of = (type: string) =>
    resources
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties as Readonly<Record<string, unknown>>);
  const alarmMetrics = of('AWS::CloudWatch::Alarm').map(({ Metrics }) =>
    Array.isArray(Metrics) ? Metrics.filter((metric: object) => 'MetricStat' in metric).length : 1,
  );
  // Event source mappings for table streams are not counted, because Lambda reads streams for free.
  const queues = of('AWS::Lambda::EventSourceMapping').filter(
    ({ StartingPosition }) => StartingPosition === undefined,
  );
  // Gateway endpoints have no subnets, and are free.
  const endpointZones = of('AWS::EC2::VPCEndpoint').map(({ SubnetIds }) =>
    Array.isArray(SubnetIds) ? SubnetIds.length : 0,
  );
  const bill = {
    'KMS keys': of('AWS::KMS::Key').length * PRICES.kmsKeyMonth,
    Alarms: sum(alarmMetrics) * PRICES.alarmMetricMonth,
    Dashboard: of('AWS::CloudWatch::Dashboard').length * PRICES.dashboardMonth,
    'Polling queues': queues.length * POLLS_PER_QUEUE_MONTH * PRICES.sqsRequest,
    'Interface endpoints': sum(endpointZones) * HOURS_PER_MONTH * PRICES.endpointZoneHour,
  };
  return Object.fromEntries(Object.entries(bill).filter(([, dollars]) => dollars > 0));
}

export function money(amount: number): string {
  return amount.toFixed(2);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
