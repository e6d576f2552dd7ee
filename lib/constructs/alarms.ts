import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';

/** One alarm: what it measures, its threshold, and what it means. */
export interface AlarmRule {
  /** The logical ID, which is also part of the alarm's name and its heading in docs/operations.md. */
  readonly id: `${string}Alarm`;
  /** A number after the ID, to distinguish alarms with the same heading. @default none */
  readonly part?: number;
  readonly metric: IMetric;
  /** The alarm is raised at this value or above. */
  readonly threshold: number;
  /** Consecutive periods that must reach the threshold. @default 1 */
  readonly periods?: number;
  /** What has happened, in a sentence. */
  readonly meaning: string;
  /** What to do first, in a sentence. */
  readonly first: string;
}

export interface AlarmsProps {
  readonly rules: readonly AlarmRule[];
  /** The topics that are notified when an alarm is raised or cleared. */
  readonly topics: readonly ITopic[];
  /** The prefix of the alarms' names. */
  readonly stackName: string;
}

/** Returns the logical ID of an alarm. */
export function alarmId({ id, part }: Pick<AlarmRule, 'id' | 'part'>): string {
  return `${id}${part ?? ''}`;
}

export function alarmName(stackName: string, rule: Pick<AlarmRule, 'id' | 'part'>): string {
  return `${stackName}-${alarmId(rule)}`;
}

/** Creates the alarms. Each description states what has happened, what to do first, and where to read more. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { rules, topics, stackName }: AlarmsProps) {
    super(scope, id);
    const actions = topics.map((topic) => new SnsAction(topic));
    for (const rule of rules) {
      const { id: heading, metric, threshold, periods = 1, meaning, first } = rule;
      const logicalId = alarmId(rule);
      const alarm = new Alarm(this, logicalId, {
        alarmName: alarmName(stackName, rule),
        alarmDescription: `${meaning} First: ${first} See docs/operations.md#${heading.toLowerCase()}`,
        metric,
        threshold,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: periods,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(...actions);
      alarm.addOkAction(...actions);
      setLogicalId(alarm, logicalId);
    }
  }
}
