import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from '../config.ts';

/** Default period of metrics in alarms and graphs. */
export const PERIOD = Duration.minutes(5);

/** Percentage of a daily limit that raises an alarm, while there is still time to act. */
export const NEAR_LIMIT = 80;

/** The functions of the stack by name. */
export type Functions = Readonly<Record<string, IFunction>>;

/** Returns a metric that a function publishes in the stack's own namespace. */
export function counted(
  namespace: string,
  service: string,
  metricName: string,
  options: MetricOptions = {},
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap: { service }, statistic: Stats.SUM, ...options });
}

/** Returns the highest use of a limit, in percent, as measured by the functions that count against it. */
export function fullest(
  { stackName }: Pick<Config, 'stackName'>,
  gauge: string,
  counting: readonly string[],
): MathExpression {
  const measured = counting.map((name) => [
    name,
    counted(stackName, name, gauge, { period: PERIOD, statistic: Stats.MAXIMUM }),
  ]);
  return new MathExpression({
    expression: `MAX([${counting.map((name) => `FILL(${name}, 0)`).join(', ')}])`,
    usingMetrics: Object.fromEntries(measured),
    period: PERIOD,
    label: gauge,
  });
}

/** Returns the number of visible messages in a queue, as a metric. */
export function waiting(queue: IQueue): Metric {
  return queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM });
}

/** Adds up metrics. A metric without data counts as zero, because CloudWatch would otherwise return no sum. */
export function added(
  metrics: Readonly<Record<string, IMetric>>,
  label: string,
  period: Duration = PERIOD,
): MathExpression {
  const expression = Object.keys(metrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics: { ...metrics }, period, label });
}

/** Splits a list into groups of this size. The last one may be smaller. */
export function inGroups<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return items.flatMap((_, index) => (index % size === 0 ? [items.slice(index, index + size)] : []));
}
