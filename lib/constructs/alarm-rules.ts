import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { FunctionName } from '../../lambda/environment.ts';
import type { Config } from '../config.ts';
import type { Api } from './api.ts';
import type { BounceQueue } from './bounce-queue.ts';
import type { MailQueue } from './mail-queue.ts';
import { added, counted, type Functions, summed } from './metrics.ts';

const PERIOD = Duration.minutes(5);

/** Sets when a mail is late: after a third of a link's usual lifetime. */
const LATE_SECONDS = 300;
/** Sets how many server errors in one period are more than an accident. */
const SERVER_ERRORS = 3;
/** Sets how long a person waits after pressing the button before it is slow: milliseconds, cold starts included. */
const SLOW_MS = 5000;
/**
 * Sets how many throttled requests in one period raise an alarm. API Gateway leaves out log lines when there are many,
 * so even a few of them matter.
 */
const THROTTLED_REQUESTS = 10;
/**
 * Sets the alarms at half of what makes SES review an account, which is 5 % bounces and 0.1 % complaints (Amazon SES
 * FAQs).
 */
const BOUNCE_RATE = 0.025;
const COMPLAINT_RATE = 0.0005;
/** Sets the percentage of a daily limit that leaves time to act before it is reached. */
const NEAR_LIMIT = 80;

/** Describes one alarm: what is measured, from which figure on, and what that means. */
export interface AlarmRule {
  /** The logical id, part of the alarm's name, and its heading in docs/operations.md. */
  readonly id: `${string}Alarm`;
  readonly metric: IMetric;
  /** The alarm is raised at this figure and above. */
  readonly threshold: number;
  /** Periods in a row that must reach the threshold. @default 1 */
  readonly periods?: number;
  /** What has happened, in a sentence. */
  readonly meaning: string;
  /** What to do first, in a sentence. */
  readonly first: string;
}

export interface AlarmSources {
  readonly api: Pick<Api, 'rest' | 'throttled'>;
  readonly mail: MailQueue;
  readonly feedback: BounceQueue;
  readonly functions: Functions;
  /** The EventBridge rules whose deliveries are watched. */
  readonly deliveries: readonly IRule[];
  readonly config: Pick<Config, 'stackName' | 'requestAlarmPerHour'>;
}

/** Returns an alarm for everything that must not go unnoticed. */
export function alarmRules(sources: AlarmSources): readonly AlarmRule[] {
  return [
    ...queueRules(sources),
    deliveryRule(sources),
    ...functionRules(sources),
    ...apiRules(sources),
    ...mailRules(sources),
  ];
}

function queueRules({ mail, feedback }: AlarmSources): readonly AlarmRule[] {
  const waiting = (queue: IQueue) =>
    queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM });
  return [
    {
      id: 'DeadLetterAlarm',
      metric: waiting(mail.deadLetters),
      threshold: 1,
      meaning: 'Mails could not be sent: messages lie in the dead-letter queue.',
      first: 'Read the faults in the log of the mail function, mend their cause, and redrive the queue.',
    },
    {
      id: 'BounceDeadLetterAlarm',
      metric: waiting(feedback.deadLetters),
      threshold: 1,
      meaning: 'Bounces or complaints could not be noted, and tokens of bounced mails may still be live.',
      first: 'Read the faults in the log of the bounces function, mend their cause, and redrive the queue.',
    },
    {
      id: 'LateMailAlarm',
      metric: mail.queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: Stats.MAXIMUM }),
      threshold: LATE_SECONDS,
      meaning: 'A mail has waited for five minutes: the queue is not being emptied.',
      first: 'Look whether SES has paused the account or its daily quota is used up.',
    },
  ];
}

/**
 * Watches for events that EventBridge could not deliver. Its dead-letter queue is behind the same key, so this metric
 * is the only trace of a key or a policy that keeps events out (Amazon EventBridge User Guide, "Monitoring Amazon
 * EventBridge").
 */
function deliveryRule({ deliveries }: AlarmSources): AlarmRule {
  const lost = deliveries.flatMap(({ ruleName }, index) =>
    ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'].map((metricName) => {
      const dimensionsMap = { RuleName: ruleName };
      const metric = new Metric({ namespace: 'AWS/Events', metricName, dimensionsMap, statistic: Stats.SUM });
      return [`rule${index}${metricName}`, metric] as const;
    }),
  );
  return {
    id: 'UndeliveredEventAlarm',
    metric: added(Object.fromEntries(lost), 'Undelivered events', PERIOD),
    threshold: 1,
    meaning: 'EventBridge could not deliver a bounce, a complaint or a key warning.',
    first: 'Check that the notice key is enabled, then deploy again to restore the policies.',
  };
}

function functionRules({ functions, config: { stackName } }: AlarmSources): readonly AlarmRule[] {
  return [
    {
      id: 'IncidentAlarm',
      metric: summed(functions, 'Incidents', PERIOD, (_, name) => counted(stackName, name, 'Incident')),
      threshold: 1,
      meaning: 'A write that follows a decision failed, such as a ledger entry; no answer changed.',
      first: 'Find the incident in the logs of the functions: it names the token and what is missing.',
    },
    {
      id: 'FunctionErrorAlarm',
      metric: summed(functions, 'Errors', PERIOD, (lambda) => lambda.metricErrors()),
      threshold: 1,
      meaning: 'A function crashed, ran out of time or did not start.',
      first: 'Look on the dashboard which one, and read the last lines of its log.',
    },
    {
      id: 'FunctionThrottleAlarm',
      metric: summed(functions, 'Throttles', PERIOD, (lambda) => lambda.metricThrottles()),
      threshold: 1,
      meaning: 'Lambda turned requests away: the account runs as many functions at once as it may.',
      first: 'Look which function of the account uses up the concurrency, and ask AWS for more of it.',
    },
    {
      id: 'RedemptionReportedAlarm',
      metric: counted(stackName, 'renewals', 'RedemptionReported', { period: PERIOD }),
      threshold: 1,
      meaning: 'Somebody says that a download was not theirs: another person may have the file.',
      first: 'Find the token in the log of the renewals function, and read its receipt and history.',
    },
  ];
}

function apiRules({ api, config }: AlarmSources): readonly AlarmRule[] {
  return [...volumeRules(api, config.requestAlarmPerHour), ...answerRules(api.rest, config.stackName)];
}

function volumeRules(
  { rest, throttled }: AlarmSources['api'],
  requestAlarmPerHour: number,
): readonly AlarmRule[] {
  return [
    {
      id: 'RequestVolumeAlarm',
      metric: rest.metricCount({ period: Duration.hours(1) }),
      threshold: requestAlarmPerHour,
      meaning:
        'The API got more requests within an hour than requestAlarmPerHour expects, and each of them costs.',
      first:
        'Find the busiest route in the access log, and see on the dashboard whether links are redeemed in proportion.',
    },
    ...(throttled === undefined
      ? []
      : [
          {
            id: 'RequestThrottleAlarm',
            metric: throttled.with({ period: PERIOD }),
            threshold: THROTTLED_REQUESTS,
            meaning: 'API Gateway answered 429: the throttle of a route is used up, and everybody shares it.',
            first: 'Find the route in the access log; if one host sends the requests, attach a web ACL.',
          } as const,
        ]),
  ];
}

function answerRules(api: RestApi, stackName: string): readonly AlarmRule[] {
  return [
    {
      id: 'ServerErrorAlarm',
      metric: api.metricServerError({ period: PERIOD, statistic: Stats.SUM }),
      threshold: SERVER_ERRORS,
      meaning: 'The API answered with server errors, as when a service or a key denies a call.',
      first: 'Look in the access log for the route, and in the log of its function for the fault.',
    },
    {
      id: 'SlowRedemptionAlarm',
      metric: new Metric({
        namespace: 'AWS/ApiGateway',
        metricName: 'Latency',
        dimensionsMap: {
          ApiName: stackName,
          Stage: api.deploymentStage.stageName,
          Resource: '/redeem',
          Method: 'POST',
        },
        period: PERIOD,
        statistic: 'p99',
      }),
      threshold: SLOW_MS,
      periods: 3,
      meaning: 'One redemption in a hundred has taken five seconds or more for a quarter of an hour.',
      first:
        'Look on the dashboard whether the functions start often, and read traces of the redeem function.',
    },
  ];
}

function mailRules({ config: { stackName } }: AlarmSources): readonly AlarmRule[] {
  // SES judges the account, so its own figures count, whoever else in the account sends mail.
  const reputation = (metricName: string) =>
    new Metric({ namespace: 'AWS/SES', metricName, period: Duration.hours(1), statistic: Stats.MAXIMUM });
  return [
    {
      id: 'BounceRateAlarm',
      metric: reputation('Reputation.BounceRate'),
      threshold: BOUNCE_RATE,
      meaning: 'One mail in forty of this account bounces; SES looks into accounts at one in twenty.',
      first: 'Look in the ledger who asks for mails that bounce, and limit recipients by allowedRecipients.',
    },
    {
      id: 'ComplaintRateAlarm',
      metric: reputation('Reputation.ComplaintRate'),
      threshold: COMPLAINT_RATE,
      meaning:
        'One mail in two thousand of this account is called spam; SES looks into accounts at one in a thousand.',
      first: 'Look in the ledger whether somebody asks in the name of others, and limit recipients.',
    },
    {
      id: 'FormMailLimitAlarm',
      metric: fullest(stackName, 'FormMails', ['mint', 'renewals']),
      threshold: NEAR_LIMIT,
      meaning: 'The form has sent four fifths of its mails of the day; at the limit it answers 503.',
      first:
        'Look in the ledger whether the requests are genuine, and raise formMailLimitPerDay within the quota of SES.',
    },
    {
      id: 'ProgramMailLimitAlarm',
      metric: fullest(stackName, 'ProgramMails', ['links', 'mail']),
      threshold: NEAR_LIMIT,
      meaning:
        'Signed callers have sent four fifths of their mails of the day; at the limit POST /links with a recipient answers 503, and notices are dropped.',
      first:
        'Find the caller with tvm list, and raise programMailLimitPerDay within the quota of SES or lower callerMailLimitPerDay.',
    },
    {
      id: 'UnsentRequestAlarm',
      metric: fullest(stackName, 'UnsentRequests', ['mint', 'renewals']),
      threshold: NEAR_LIMIT,
      meaning:
        'Somebody keeps asking the form for mails that are not sent: repeated, or to addresses that may not have files.',
      first:
        'Look at RequestVolumeAlarm and the ledger for refused entries, and block the source with a web ACL.',
    },
  ];
}

/** Returns how full a counter is at most, in percent, as measured by the functions that count on it. */
function fullest(stackName: string, gauge: string, counting: readonly FunctionName[]): MathExpression {
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
