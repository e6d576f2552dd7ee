import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { FunctionName } from '../../lambda/environment.ts';
import type { AlarmRule, AlarmSources } from './alarm-rules.ts';
import { alarmName } from './alarms.ts';
import { setLogicalId } from './logical-id.ts';
import { counted, type Functions } from './metrics.ts';

const PERIOD = Duration.minutes(5);
const HALF = 12;
const WHOLE = 24;

export interface DashboardProps extends AlarmSources {
  readonly rules: readonly AlarmRule[];
}

/** Shows the alarms, the milestones of links and mails, and the health of functions and queues on one dashboard. */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, { rules, api, mail, functions, config }: DashboardProps) {
    super(scope, id);
    // By name, because not every emulator knows the ARN of an alarm.
    const alarms = rules.map((rule) => Alarm.fromAlarmName(this, rule.id, alarmName(config.stackName, rule)));
    const milestone = (service: FunctionName, name: string) =>
      counted(config.stackName, service, name, { period: PERIOD, label: name });
    const graph = (title: string, left: IMetric[], width = HALF) => new GraphWidget({ title, left, width });

    const dashboard = new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.days(1),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms, width: WHOLE, height: 3 })],
        [
          graph('Links', [
            milestone('mint', 'LinkRequested'),
            milestone('links', 'LinkIssued'),
            milestone('redeem', 'TokenRedeemed'),
            milestone('links', 'LinkRevoked'),
            milestone('renewals', 'RedemptionReported'),
          ]),
          graph('Mails', [
            milestone('mail', 'MailSent'),
            milestone('mail', 'MailRefused'),
            milestone('bounces', 'MailBounced'),
            milestone('bounces', 'MailComplained'),
          ]),
        ],
        [
          graph('Answers of the API', [
            api.rest.metricCount({ period: PERIOD, label: 'All' }),
            api.rest.metricClientError({ period: PERIOD, statistic: Stats.SUM, label: '4xx' }),
            api.rest.metricServerError({ period: PERIOD, statistic: Stats.SUM, label: '5xx' }),
            ...(api.throttled === undefined
              ? []
              : [api.throttled.with({ period: PERIOD, label: 'throttled' })]),
          ]),
          graph('Seconds that the oldest mail waits', [
            mail.queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: Stats.MAXIMUM }),
          ]),
        ],
        [
          graph('Milliseconds, slowest in a hundred', each(functions, 'p99')),
          graph(
            'Errors of functions',
            Object.values(functions).map((lambda) => lambda.metricErrors({ period: PERIOD })),
          ),
        ],
      ],
    });
    setLogicalId(dashboard, 'Dashboard');
  }
}

function each(functions: Functions, statistic: string): IMetric[] {
  return Object.entries(functions).map(([label, lambda]) =>
    lambda.metricDuration({ period: PERIOD, statistic, label }),
  );
}
