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
import type { FunctionTable, Graph } from '../capability.ts';
import { type AlarmRule, alarmId, alarmName } from './alarms.ts';
import type { CommonSources } from './common-alarms.ts';
import { setLogicalId } from './logical-id.ts';
import { added, counted, type Functions, inGroups, PERIOD } from './metrics.ts';

const HALF = 12;
const WHOLE = 24;

export interface DashboardProps extends Pick<CommonSources, 'api' | 'functions'> {
  readonly alarms: readonly AlarmRule[];
  readonly stackName: string;
  /** Every function, with its milestones. */
  readonly facts: FunctionTable;
  /** Graphs of individual capabilities. */
  readonly graphs: readonly Graph[];
}

/**
 * Creates the dashboard: alarms, milestones, responses of the API, graphs of capabilities, and the health of functions.
 */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { api, functions, facts, stackName } = props;
    // The ARN is built from the name, because some emulators do not return ARNs.
    const alarms = props.alarms.map((rule) =>
      Alarm.fromAlarmName(this, alarmId(rule), alarmName(stackName, rule)),
    );
    const graphs: readonly Graph[] = [
      ...milestones(facts, stackName),
      { title: 'API responses', metrics: responses(api) },
      ...props.graphs,
      { title: 'Function durations in milliseconds, p99', metrics: durations(functions, 'p99') },
      {
        title: 'Function errors',
        metrics: Object.values(functions).map((lambda) => lambda.metricErrors({ period: PERIOD })),
      },
    ];
    const dashboard = new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.days(1),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms, width: WHOLE, height: 3 })],
        ...inGroups(graphs, 2).map((row) =>
          row.map(({ title, metrics }) => new GraphWidget({ title, left: [...metrics], width: HALF })),
        ),
      ],
    });
    setLogicalId(dashboard, 'Dashboard');
  }
}

/** Returns the graphs of milestones, one per title. Each milestone is one line, whichever functions count it. */
function milestones(facts: FunctionTable, stackName: string): readonly Graph[] {
  const counts = Object.entries(facts).flatMap(([service, { milestones: own = {} }]) =>
    Object.entries(own).flatMap(([title, names]) => names.map((name) => ({ title, service, name }))),
  );
  return [...Map.groupBy(counts, ({ title }) => title)].map(([title, shown]) => ({
    title,
    metrics: [...Map.groupBy(shown, ({ name }) => name)].map(([name, counting]) =>
      added(
        Object.fromEntries(
          counting.map(({ service }) => [
            `${service}${name}`,
            counted(stackName, service, name, { period: PERIOD }),
          ]),
        ),
        name,
      ),
    ),
  }));
}

function responses({ rest, throttled }: DashboardProps['api']): readonly IMetric[] {
  return [
    rest.metricCount({ period: PERIOD, label: 'All' }),
    rest.metricClientError({ period: PERIOD, statistic: Stats.SUM, label: '4xx' }),
    rest.metricServerError({ period: PERIOD, statistic: Stats.SUM, label: '5xx' }),
    ...(throttled === undefined ? [] : [throttled.with({ period: PERIOD, label: 'throttled' })]),
  ];
}

function durations(functions: Functions, statistic: string): readonly IMetric[] {
  return Object.entries(functions).map(([label, lambda]) =>
    lambda.metricDuration({ period: PERIOD, statistic, label }),
  );
}
