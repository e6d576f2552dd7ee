import { beforeAll, describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { functionNames as functions } from '../../lib/capabilities.ts';
import { Alarms } from '../../lib/constructs/alarms.ts';
import { sumRules } from '../../lib/constructs/common-alarms.ts';
import {
  inFolder,
  inWords,
  resource,
  resourcesOf,
  SENDER,
  type Template,
  templateOf,
  titleOf,
} from './template.ts';

let template: Template;
let silent: Template;

beforeAll(() => {
  template = templateOf({
    senderEmail: SENDER,
    stackName: 'Acme-Files',
    watermarks: 'on',
    secondChance: 'on',
    collections: 'on',
    presenceCode: 'on',
    requestAlarmPerHour: 25_000,
    alarmEmail: 'ops@example.org',
    alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:pager',
    events: true,
    proofOfWork: 'auto',
  });
  silent = templateOf();
});

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions?: readonly unknown[];
  readonly OKActions?: readonly unknown[];
  readonly Threshold: number;
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: Record<string, unknown> } }[];
  readonly [name: string]: unknown;
}

const alarm = (logicalId: string) => inWords(resource(template, logicalId).Properties) as AlarmProperties;

/** Returns the heading under which the manual explains an alarm: its logical ID without a number at the end. */
const heading = (logicalId: string) => logicalId.replace(/\d+$/, '');

/** Returns the metrics that a rule's alarms add up. */
const measured = (rule: string) =>
  Object.keys(template.Resources)
    .filter((logicalId) => heading(logicalId) === rule)
    .flatMap((logicalId) => alarm(logicalId).Metrics ?? [])
    .flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));

describe('an alarm is raised for', () => {
  test.each([
    ['DeadLetterAlarm', '<MailDeadLetterQueue.QueueName>'],
    ['BounceDeadLetterAlarm', '<BounceDeadLetterQueue.QueueName>'],
    ['VerdictDeadLetterAlarm', '<VerdictDeadLetterQueue.QueueName>'],
    ['ScannerNoticeAlarm', '<ScannerNoticeQueue.QueueName>'],
    ['EventFailureAlarm', '<EventFailureQueue.QueueName>'],
  ])("a message in a dead-letter queue or in GuardDuty's queue: %s", (logicalId, queue) => {
    expect(alarm(logicalId)).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: queue }],
      Threshold: 1,
    });
  });

  test('an event that has been waiting for an hour', () => {
    expect(alarm('LateEventAlarm')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'IteratorAge',
      Dimensions: [{ Name: 'FunctionName', Value: '<EventsFunction>' }],
      Statistic: 'Maximum',
      Threshold: 3_600_000,
    });
  });

  test('an e-mail that has been waiting for five minutes', () => {
    expect(alarm('LateMailAlarm')).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: '<MailQueue.QueueName>' }],
      Threshold: 300,
    });
  });

  test('an incident in any function', () => {
    expect(alarm('IncidentAlarm').Threshold).toBe(1);
    expect(measured('IncidentAlarm')).toEqual(
      functions.map((name) => ({
        Namespace: 'Acme-Files',
        MetricName: 'Incident',
        Dimensions: [{ Name: 'service', Value: name }],
      })),
    );
  });

  test.each([
    ['FunctionErrorAlarm', 'Errors'],
    ['FunctionThrottleAlarm', 'Throttles'],
  ])('a function that fails or is throttled: %s', (logicalId, MetricName) => {
    expect(alarm(logicalId).Threshold).toBe(1);
    expect(measured(logicalId)).toEqual(
      functions.map((name) => ({
        Namespace: 'AWS/Lambda',
        MetricName,
        Dimensions: [{ Name: 'FunctionName', Value: `<${titleOf(name)}Function>` }],
      })),
    );
  });

  test('5xx responses', () => {
    expect(alarm('ServerErrorAlarm')).toMatchObject({
      Namespace: 'AWS/ApiGateway',
      MetricName: '5XXError',
      Dimensions: [{ Name: 'ApiName', Value: 'Acme-Files' }],
    });
  });

  test('as many requests in an hour as requestAlarmPerHour', () => {
    expect(alarm('RequestVolumeAlarm')).toMatchObject({
      Namespace: 'AWS/ApiGateway',
      MetricName: 'Count',
      Dimensions: [{ Name: 'ApiName', Value: 'Acme-Files' }],
      Statistic: 'SampleCount',
      Period: 3600,
      Threshold: 25_000,
    });
    expect(resource(silent, 'RequestVolumeAlarm').Properties.Threshold).toBe(10_000);
  });

  test('requests that API Gateway throttled, as counted in the access log', () => {
    expect(inWords(resource(template, 'ThrottledRequests').Properties)).toEqual({
      LogGroupName: '<ApiAccessLogs>',
      FilterPattern: '{ $.responseType = "THROTTLED" }',
      MetricTransformations: [
        { MetricNamespace: 'Acme-Files', MetricName: 'RequestThrottled', MetricValue: '1' },
      ],
    });
    const { AccessLogSetting } = resource(template, 'ApiStage').Properties;
    const { Format } = AccessLogSetting as { readonly Format: string };
    expect(JSON.parse(Format)).toMatchObject({ responseType: '$context.error.responseType' });
    expect(alarm('RequestThrottleAlarm')).toMatchObject({
      Namespace: 'Acme-Files',
      MetricName: 'RequestThrottled',
      Statistic: 'Sum',
      Period: 300,
      Threshold: 10,
    });
  });

  test('throttled requests only if there is an access log', () => {
    const unlogged = templateOf({ senderEmail: SENDER, apiLogRole: 'none' });
    expect(unlogged.Resources.ThrottledRequests).toBeUndefined();
    expect(unlogged.Resources.RequestThrottleAlarm).toBeUndefined();
    expect(unlogged.Resources.RequestVolumeAlarm).toBeDefined();
  });

  test('redemptions that have been slow for 15 minutes', () => {
    expect(alarm('SlowRedemptionAlarm')).toMatchObject({
      Namespace: 'AWS/ApiGateway',
      MetricName: 'Latency',
      Dimensions: [
        { Name: 'ApiName', Value: 'Acme-Files' },
        { Name: 'Method', Value: 'POST' },
        { Name: 'Resource', Value: '/redeem' },
        { Name: 'Stage', Value: '<ApiStage>' },
      ],
      ExtendedStatistic: 'p99',
      Threshold: 5000,
      Period: 300,
      EvaluationPeriods: 3,
    });
  });

  test.each([
    ['BounceRateAlarm', 'Reputation.BounceRate', 0.025],
    ['ComplaintRateAlarm', 'Reputation.ComplaintRate', 0.0005],
  ])('half the rate that makes SES review the account: %s', (logicalId, MetricName, Threshold) => {
    const found = alarm(logicalId);
    expect(found).toMatchObject({ Namespace: 'AWS/SES', MetricName, Threshold });
    expect(found.Dimensions).toBeUndefined();
  });

  test.each([
    ['FormMailLimitAlarm', 'FormMails', ['mint', 'renewals']],
    ['ProgramMailLimitAlarm', 'ProgramMails', ['links', 'mail', 'invites']],
    ['UnsentRequestAlarm', 'UnsentRequests', ['mint', 'renewals']],
  ])('80 percent use of a daily limit, whichever function counts it: %s', (id, MetricName, services) => {
    const { Metrics = [], Threshold } = alarm(id);
    expect(Threshold).toBe(80);
    const [expression, ...measured] = Metrics as readonly {
      readonly Expression?: string;
      readonly MetricStat?: object;
    }[];
    const filled = services.map((service) => `FILL(${service}, 0)`);
    expect(expression?.Expression).toBe(`MAX([${filled.join(', ')}])`);
    expect(measured.map(({ MetricStat }) => MetricStat)).toMatchObject(
      services.map((Value) => ({
        Metric: { Namespace: 'Acme-Files', MetricName, Dimensions: [{ Name: 'service', Value }] },
        Stat: 'Maximum',
        Period: 300,
      })),
    );
  });

  test('an event that EventBridge could not deliver', () => {
    expect(alarm('UndeliveredEventAlarm').Threshold).toBe(1);
    const lost = (rule: string) =>
      ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'].map((MetricName) => ({
        Namespace: 'AWS/Events',
        MetricName,
        Dimensions: [{ Name: 'RuleName', Value: rule }],
      }));
    expect(measured('UndeliveredEventAlarm')).toEqual([
      ...lost('<BounceRule>'),
      ...lost('<UploadArrivedRule>'),
      ...lost('<VerdictRule>'),
      ...lost('<ScannerNoticeRule>'),
      ...lost('<SweepRule>'),
      ...lost('<OutcomeRule>'),
      ...lost('<KeyEndangeredRule>'),
    ]);
  });

  test('an upload that is waiting for an operator or for its verdict', () => {
    expect(measured('UploadParkedAlarm')).toEqual(
      ['verdicts', 'sweep'].map((Value) => ({
        Namespace: 'Acme-Files',
        MetricName: 'UploadParked',
        Dimensions: [{ Name: 'service', Value }],
      })),
    );
    expect(alarm('LateVerdictAlarm')).toMatchObject({ MetricName: 'VerdictAsked', Threshold: 1 });
    expect(alarm('QuarantineAgeAlarm')).toMatchObject({
      MetricName: 'QuarantineAge',
      Statistic: 'Maximum',
      Threshold: 900,
    });
  });

  test('many deletions of uploads in an hour, whichever function deletes them', () => {
    const { Threshold, Metrics = [] } = alarm('UploadDeletionAlarm');
    expect(Threshold).toBe(100);
    expect(measured('UploadDeletionAlarm')).toMatchObject([
      { MetricName: 'UploadDeleted', Dimensions: [{ Value: 'verdicts' }] },
      { MetricName: 'UploadDeleted', Dimensions: [{ Value: 'sweep' }] },
    ]);
    for (const { MetricStat } of Metrics) if (MetricStat) expect(MetricStat).toMatchObject({ Period: 3600 });
  });

  test.each([
    ['MalwareFoundAlarm', 'InfectedScanCount', 300, 1],
    ['ScannedBytesAlarm', 'CompletedScanBytes', 86_400, 100e9],
    ['ScannedObjectsAlarm', 'CompletedScanCount', 86_400, 10_000],
  ])(
    "threats or many scans in GuardDuty's metrics for this stack's plan: %s",
    (logicalId, MetricName, Period, Threshold) => {
      expect(alarm(logicalId)).toMatchObject({
        Namespace: 'AWS/GuardDuty/MalwareProtection',
        MetricName,
        Dimensions: [
          { Name: 'Malware Protection Plan Id', Value: '<MalwareProtectionPlan>' },
          { Name: 'Resource Name', Value: '<FileBucket>' },
        ],
        Statistic: 'Sum',
        Period,
        Threshold,
      });
    },
  );

  test("a redemption that a holder reports as somebody else's", () => {
    expect(alarm('RedemptionReportedAlarm')).toMatchObject({
      MetricName: 'RedemptionReported',
      Dimensions: [{ Name: 'service', Value: 'renewals' }],
      Threshold: 1,
    });
  });
});

describe('every alarm', () => {
  const every = () =>
    resourcesOf(template, 'AWS::CloudWatch::Alarm').map(
      ([logicalId, { Properties }]) => [logicalId, inWords(Properties) as AlarmProperties] as const,
    );

  test('is named after the stack, and its description says what to do first and where to read more', () => {
    expect(every()).toHaveLength(35);
    for (const [logicalId, { AlarmName, AlarmDescription }] of every()) {
      expect(AlarmName).toBe(`Acme-Files-${logicalId}`);
      const page = `docs/operations\\.md#${heading(logicalId).toLowerCase()}`;
      expect(AlarmDescription).toMatch(new RegExp(`^[A-Z].+\\. First: [A-Z].+\\. See ${page}$`));
    }
  });

  test('monitors only functions that exist', () => {
    for (const [, { Dimensions = [], Metrics = [] }] of every()) {
      const measured = [Dimensions, ...Metrics.map(({ MetricStat }) => MetricStat?.Metric.Dimensions ?? [])];
      const services = (measured as { readonly Name: string; readonly Value: string }[][])
        .flat()
        .flatMap(({ Name, Value }) => (Name === 'service' ? [Value] : []));
      expect(functions).toEqual(expect.arrayContaining(services));
    }
  });

  test('is raised at its threshold, but not when data is missing', () => {
    for (const [, properties] of every()) {
      expect(properties.ComparisonOperator).toBe('GreaterThanOrEqualToThreshold');
      expect(properties.TreatMissingData).toBe('notBreaching');
    }
  });

  test('uses no more metrics than CloudWatch allows in one alarm', () => {
    for (const [, { Metrics = [] }] of every()) {
      expect(Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length).toBeLessThanOrEqual(10);
    }
  });

  test('notifies the topics from the options when it is raised or cleared', () => {
    const told = ['<AlarmTopic>', 'arn:aws:sns:eu-west-1:111122223333:pager'];
    for (const [, { AlarmActions, OKActions }] of every()) {
      expect(AlarmActions).toEqual(told);
      expect(OKActions).toEqual(told);
    }
  });

  test('is on the dashboard', () => {
    const { DashboardBody } = resource(template, 'Dashboard').Properties;
    const shown = String(inWords(DashboardBody));
    for (const [, { AlarmName }] of every()) expect(shown).toContain(`:alarm:${AlarmName}"`);
    expect(shown).toContain('"Acme-Files","RequestThrottled"');
  });
});

test('redemptions and reissues by any function are on the dashboard', () => {
  const shown = String(inWords(resource(template, 'Dashboard').Properties.DashboardBody));
  for (const service of ['redeem', 'stream', 'watermark', 'zip']) {
    expect(shown).toContain(`"Acme-Files","TokenRedeemed","service","${service}"`);
    expect(shown).toContain(`"Acme-Files","FileReissued","service","${service}"`);
  }
});

test('a rule gets several alarms if it has more metrics than CloudWatch allows in one alarm', () => {
  const names = Array.from({ length: 21 }, (_, index) => `function${index}`);
  const rule = { id: 'CrashAlarm', threshold: 1, meaning: 'It crashed.', first: 'Look.' } as const;
  const metrics = names.map(
    (metricName) => [metricName, new Metric({ namespace: 'Test', metricName })] as const,
  );
  const rules = sumRules(rule, 'Crashes', metrics);
  const alarms = inFolder((outdir) => {
    const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
    const stack = new Stack(app, 'Small');
    new Alarms(stack, 'Alarms', { rules, topics: [], stackName: 'Test' });
    return resourcesOf(app.synth().getStackArtifact('Small').template as Template, 'AWS::CloudWatch::Alarm');
  });
  const parts = alarms.map(([, { Properties }]) => Properties as AlarmProperties);
  expect(parts.map(({ AlarmName }) => AlarmName)).toEqual([
    'Test-CrashAlarm',
    'Test-CrashAlarm2',
    'Test-CrashAlarm3',
  ]);
  for (const { AlarmDescription } of parts) expect(AlarmDescription).toMatch(/#crashalarm$/);
  const watched = parts.map(({ Metrics = [] }) =>
    Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric.MetricName] : [])),
  );
  expect(watched).toEqual([names.slice(0, 10), names.slice(10, 20), names.slice(20)]);
});
