import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';

export interface ScheduleProps {
  /** The logical ID of the rule. */
  readonly rule: string;
  readonly description: string;
}

/** Invokes a function every five minutes. */
export class SweepSchedule extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { rule, description }: ScheduleProps) {
    super(scope, id);
    this.rule = new Rule(this, rule, {
      description,
      schedule: Schedule.rate(Duration.minutes(5)),
    });
    Validations.of(this.rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'The next run handles what this one missed.',
    });
    setLogicalId(this.rule, rule);
  }

  invoke(target: IFunction): void {
    this.rule.addTarget(new LambdaFunction(target));
  }
}
