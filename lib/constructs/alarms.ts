import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { environments } from '../../lambda/environment.ts';
import type { MailQueue } from './mail-queue.ts';
import { nameResource } from './stable-name.ts';

const PERIOD = Duration.minutes(5);

/** A mail this late is worth looking into: a third of a link's usual life. */
const LATE_SECONDS = 300;
/** Server errors in one period that are no accident. */
const SERVER_ERRORS = 3;

export interface AlarmsProps {
  readonly api: RestApi;
  readonly mail: MailQueue;
  /** Where the functions put their metrics. */
  readonly namespace: string;
}

/** What must not happen unnoticed. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { api, mail, namespace }: AlarmsProps) {
    super(scope, id);
    this.#alarm('DeadLetterAlarm', {
      metric: mail.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: PERIOD,
        statistic: Stats.MAXIMUM,
      }),
      threshold: 1,
      description: 'Mails could not be sent: messages lie in the dead-letter queue.',
    });
    this.#alarm('LateMailAlarm', {
      metric: mail.queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: Stats.MAXIMUM }),
      threshold: LATE_SECONDS,
      description: 'A mail has waited for five minutes: the queue is not being emptied.',
    });
    this.#alarm('IncidentAlarm', {
      metric: incidents(namespace),
      threshold: 1,
      description: 'A write that follows a decision failed, such as a ledger entry; the log names the token.',
    });
    this.#alarm('ServerErrorAlarm', {
      metric: api.metricServerError({ period: PERIOD, statistic: Stats.SUM }),
      threshold: SERVER_ERRORS,
      description: 'The API answered with server errors.',
    });
  }

  #alarm(
    logicalId: string,
    { metric, threshold, description }: { metric: IMetric; threshold: number; description: string },
  ): void {
    const alarm = new Alarm(this, logicalId, {
      metric,
      threshold,
      alarmDescription: description,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    nameResource(alarm, logicalId);
  }
}

/** Incidents of all functions together: an alarm takes one figure, and each function counts its own. */
function incidents(namespace: string): IMetric {
  const functions = Object.keys(environments);
  const usingMetrics = Object.fromEntries(
    functions.map((service) => [
      service,
      new Metric({ namespace, metricName: 'Incident', dimensionsMap: { service }, statistic: Stats.SUM }),
    ]),
  );
  return new MathExpression({
    expression: functions.map((service) => `FILL(${service}, 0)`).join(' + '),
    usingMetrics,
    period: PERIOD,
    label: 'Incidents',
  });
}
