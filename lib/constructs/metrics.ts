import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from '../../lambda/environment.ts';

/** Maps the functions of the stack by name. */
export type Functions = Readonly<Record<FunctionName, IFunction>>;

/** Returns what a function counts itself, by its name in the stack's own namespace. */
export function counted(
  namespace: string,
  service: FunctionName,
  metricName: string,
  options: MetricOptions = {},
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap: { service }, statistic: Stats.SUM, ...options });
}

/** Sums up one figure over all functions: an alarm takes no more, and each function counts its own. */
export function summed(
  functions: Functions,
  label: string,
  period: Duration,
  metricOf: (lambda: IFunction, name: FunctionName) => IMetric,
): MathExpression {
  const names = Object.keys(functions) as FunctionName[];
  const metrics = Object.fromEntries(names.map((name) => [name, metricOf(functions[name], name)]));
  return added(metrics, label, period);
}

/** Adds metrics up. A metric without data counts as zero; otherwise CloudWatch would return no sum at all. */
export function added(
  metrics: Readonly<Record<string, IMetric>>,
  label: string,
  period: Duration,
): MathExpression {
  const expression = Object.keys(metrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics: { ...metrics }, period, label });
}
