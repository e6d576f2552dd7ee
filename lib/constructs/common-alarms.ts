import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Config } from '../config.ts';
import type { AlarmRule } from './alarms.ts';
import type { Api } from './api.ts';
import { added, counted, type Functions, inGroups, PERIOD } from './metrics.ts';

/** How many server errors in one period raise an alarm. */
const SERVER_ERRORS = 3;
/** How many throttled requests in one period raise an alarm: few, because API Gateway drops log lines under load. */
const THROTTLED_REQUESTS = 10;
/** Maximum number of metrics that one alarm can add up (Amazon CloudWatch User Guide, alarm limits). */
const MOST_METRICS = 10;

export interface CommonSources {
  readonly api: Pick<Api<string>, 'rest' | 'throttled'>;
  readonly functions: Functions;
  /** The EventBridge rules whose deliveries are watched. */
  readonly eventRules: readonly IRule[];
  readonly config: Pick<Config, 'stackName' | 'requestAlarmPerHour'>;
}

/** Returns the alarms for the resources that all capabilities share: functions, the API, and EventBridge. */
export function commonAlarms({ api, functions, eventRules, config }: CommonSources): readonly AlarmRule[] {
  return [
    ...deliveryRules(eventRules),
    ...functionRules(functions, config.stackName),
    ...apiRules(api, config.requestAlarmPerHour),
  ];
}

/** Returns an alarm on the sum of the metrics, in several parts if there are too many for one alarm. */
export function sumRules(
  rule: Omit<AlarmRule, 'metric' | 'part'>,
  label: string,
  metrics: readonly (readonly [id: string, metric: IMetric])[],
): readonly AlarmRule[] {
  return inGroups(metrics, MOST_METRICS).map((group, index) => ({
    ...rule,
    ...(index > 0 && { part: index + 1 }),
    metric: added(Object.fromEntries(group), label),
  }));
}

/**
 * Returns the alarm on events that EventBridge could not deliver. A dead-letter queue is encrypted with the same key as
 * its queue, so only these metrics show that a key or queue policy keeps events out (Amazon EventBridge User Guide,
 * "Monitoring Amazon EventBridge").
 */
function deliveryRules(rules: readonly IRule[]): readonly AlarmRule[] {
  const lost = rules.flatMap(({ ruleName }, index) =>
    ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'].map((metricName) => {
      const dimensionsMap = { RuleName: ruleName };
      const metric = new Metric({ namespace: 'AWS/Events', metricName, dimensionsMap, statistic: Stats.SUM });
      return [`rule${index}${metricName}`, metric] as const;
    }),
  );
  const rule = {
    id: 'UndeliveredEventAlarm',
    threshold: 1,
    meaning: 'EventBridge could not deliver an event, such as a bounce, a complaint, or a key warning.',
    first:
      'Check that the notice key is enabled, then run npx cdk deploy --revert-drift to restore the policies.',
  } as const;
  return sumRules(rule, 'Undelivered events', lost);
}

function functionRules(functions: Functions, stackName: string): readonly AlarmRule[] {
  const perFunction = (metricOf: (lambda: IFunction, name: string) => IMetric) =>
    Object.entries(functions).map(([name, lambda]) => [name, metricOf(lambda, name)] as const);
  return [
    ...sumRules(
      {
        id: 'IncidentAlarm',
        threshold: 1,
        meaning: 'A write, for example to the ledger, failed. No link works twice.',
        first: 'Find the incident in the logs of the functions. It names the token and what is missing.',
      },
      'Incidents',
      perFunction((_, name) => counted(stackName, name, 'Incident')),
    ),
    ...sumRules(
      {
        id: 'FunctionErrorAlarm',
        threshold: 1,
        meaning: 'A function crashed, ran out of time, or did not start.',
        first: 'Find the function on the dashboard, and read the last lines of its log.',
      },
      'Errors',
      perFunction((lambda) => lambda.metricErrors()),
    ),
    ...sumRules(
      {
        id: 'FunctionThrottleAlarm',
        threshold: 1,
        meaning: 'Lambda rejected invocations because the account has reached its concurrency limit.',
        first:
          'Find the function in the account that uses up the concurrency, or ask AWS to raise the limit.',
      },
      'Throttles',
      perFunction((lambda) => lambda.metricThrottles()),
    ),
  ];
}

function apiRules(
  { rest, throttled }: CommonSources['api'],
  requestAlarmPerHour: number,
): readonly AlarmRule[] {
  return [
    {
      id: 'RequestVolumeAlarm',
      metric: rest.metricCount({ period: Duration.hours(1) }),
      threshold: requestAlarmPerHour,
      meaning: 'The API got requestAlarmPerHour requests or more within an hour. Each request costs money.',
      first:
        'Find the busiest route in the access log, and check on the dashboard whether redemptions rose in proportion.',
    },
    ...(throttled === undefined
      ? []
      : [
          {
            id: 'RequestThrottleAlarm',
            metric: throttled.with({ period: PERIOD }),
            threshold: THROTTLED_REQUESTS,
            meaning: 'API Gateway returned 429 because a route used up its throttle, which everyone shares.',
            first: 'Find the route in the access log. If one host sends the requests, attach a web ACL.',
          } as const,
        ]),
    {
      id: 'ServerErrorAlarm',
      metric: rest.metricServerError({ period: PERIOD, statistic: Stats.SUM }),
      threshold: SERVER_ERRORS,
      meaning: 'The API returned server errors, for example because a service or a key denied a call.',
      first: 'Find the route in the access log, and the fault in the log of its function.',
    },
  ];
}
