import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnMalwareProtectionPlan } from 'aws-cdk-lib/aws-guardduty';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from '../config.ts';
import type { AlarmRule } from './alarms.ts';
import { added, counted, PERIOD, waiting } from './metrics.ts';

/** Seconds for which an upload can be overdue before an alarm is raised. The sweep runs every five minutes. */
const OVERDUE_SECONDS = 900;

const GIGABYTE = 1e9;

export interface UploadSources {
  readonly config: Config;
  readonly bucket: Pick<IBucket, 'bucketName'>;
  readonly plan: CfnMalwareProtectionPlan;
  /** GuardDuty's reports of its own failures. */
  readonly notices: IQueue;
  readonly deadLetters: IQueue;
}

/** Returns the alarms on uploads: on their outcomes, their scans, and failures to scan them or handle their events. */
export function uploadAlarms(sources: UploadSources): readonly AlarmRule[] {
  return [
    ...lifeAlarms(sources),
    ...scanAlarms(sources),
    {
      id: 'ScannerNoticeAlarm',
      metric: waiting(sources.notices),
      threshold: 1,
      meaning: 'GuardDuty cannot scan uploads, or cannot tag what it has scanned.',
      first: 'Read the message in the queue ScannerNoticeQueue. It names the reason, or the object.',
    },
    {
      id: 'VerdictDeadLetterAlarm',
      metric: waiting(sources.deadLetters),
      threshold: 1,
      meaning: 'Five attempts to handle an event from S3 or GuardDuty about an upload have failed.',
      first: 'Read the faults in the log of the verdicts function, fix their cause, and redrive the queue.',
    },
  ];
}

/** Returns the alarms on the outcomes of uploads, as counted by functions. */
function lifeAlarms({ config }: UploadSources): readonly AlarmRule[] {
  const sum = (milestone: string, services: readonly string[]) =>
    Object.fromEntries(services.map((name) => [name, counted(config.stackName, name, milestone)]));
  return [
    {
      id: 'UploadParkedAlarm',
      metric: added(sum('UploadParked', ['verdicts', 'sweep']), 'Parked'),
      threshold: 1,
      meaning: 'An upload is waiting for an operator because GuardDuty could not say whether it is clean.',
      first: 'List it with tvm uploads --state parked, and release, reject, or rescan it.',
    },
    {
      id: 'LateVerdictAlarm',
      metric: counted(config.stackName, 'sweep', 'VerdictAsked', { period: PERIOD }),
      threshold: 1,
      meaning: 'A finalized upload waited 15 minutes for its verdict, so another scan was requested.',
      first: 'Check ScannerNoticeAlarm and VerdictDeadLetterAlarm, and the plan in the GuardDuty console.',
    },
    {
      id: 'QuarantineAgeAlarm',
      metric: counted(config.stackName, 'sweep', 'QuarantineAge', {
        period: PERIOD,
        statistic: Stats.MAXIMUM,
      }),
      threshold: OVERDUE_SECONDS,
      meaning: 'A finalized upload has been overdue for 15 minutes, and the sweep could do nothing about it.',
      first: 'Read the faults in the log of the sweep function.',
    },
    {
      id: 'UploadDeletionAlarm',
      metric: added(sum('UploadDeleted', ['verdicts', 'sweep']), 'Deleted', Duration.hours(1)),
      threshold: config.deletionAlarmPerHour,
      meaning: 'Within an hour, deletionAlarmPerHour or more unpublished uploads were deleted.',
      first: 'Find their tenants and the rejection reasons with tvm uploads --state rejected.',
    },
  ];
}

/**
 * Returns the alarms on scans, as counted by GuardDuty (Amazon GuardDuty User Guide, "S3 object scan status metrics in
 * CloudWatch"). They do not rely on findings, which GuardDuty creates only if the account has a detector.
 */
function scanAlarms({ config, bucket, plan }: UploadSources): readonly AlarmRule[] {
  const scans = (metricName: string, period: Duration) =>
    new Metric({
      namespace: 'AWS/GuardDuty/MalwareProtection',
      metricName,
      dimensionsMap: { 'Malware Protection Plan Id': plan.ref, 'Resource Name': bucket.bucketName },
      period,
      statistic: Stats.SUM,
    });
  const first = 'Find the tenants with tvm uploads, and lower uploadBytesPerDay or openUploadLimit.';
  return [
    {
      id: 'MalwareFoundAlarm',
      metric: scans('InfectedScanCount', PERIOD),
      threshold: 1,
      meaning:
        'GuardDuty found malware in an upload. The upload has been rejected, and its object is being deleted.',
      first: 'Find its tenant with tvm uploads --state rejected, and tell them.',
    },
    {
      id: 'ScannedBytesAlarm',
      metric: scans('CompletedScanBytes', Duration.days(1)),
      threshold: config.scanAlarmGigabytesPerDay * GIGABYTE,
      meaning:
        'GuardDuty has scanned scanAlarmGigabytesPerDay gigabytes or more within a day. Each gigabyte costs money.',
      first,
    },
    {
      id: 'ScannedObjectsAlarm',
      metric: scans('CompletedScanCount', Duration.days(1)),
      threshold: config.scanAlarmObjectsPerDay,
      meaning:
        'GuardDuty has scanned scanAlarmObjectsPerDay or more objects within a day. Each object costs money.',
      first,
    },
  ];
}
