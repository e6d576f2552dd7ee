import { Aws } from 'aws-cdk-lib';
import {
  finalizeEnvironment,
  objectsEnvironment,
  reviewsEnvironment,
  sweepEnvironment,
  uploadsEnvironment,
  verdictsEnvironment,
} from '../../lambda/environment/uploads.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { UPLOAD_PREFIX } from '../constructs/file-store.ts';
import { MalwareScanner } from '../constructs/malware-scanner.ts';
import { ScannerNotices } from '../constructs/scanner-notices.ts';
import { SweepSchedule } from '../constructs/sweep-schedule.ts';
import { uploadAlarms } from '../constructs/upload-alarms.ts';
import { VerdictQueue } from '../constructs/verdict-queue.ts';
import { QUEUED, WAITED_FOR } from '../function-size.ts';
import { headFiles, readVersions } from '../permissions/files.ts';
import { consume } from '../permissions/queues.ts';
import { allow, generateMac, through } from '../permissions/statements.ts';
import { changeCount, count, writeEncrypted } from '../permissions/tables.ts';
import {
  askForScans,
  changeUpload,
  findUploads,
  noteUpload,
  onUploads,
  readUpload,
  removeUploads,
  SLOT_COUNTERS,
  UPLOAD_COUNTERS,
  uploadSuppressions,
} from '../permissions/uploads.ts';
import { signed } from '../route.ts';
import { forTenants } from '../tenant-routes.ts';
import { bearers, downloads, presigning, pseudonyms, uploadLimits } from '../variables.ts';

const functions = {
  uploads: { ...WAITED_FOR, schema: uploadsEnvironment, milestones: { Uploads: ['UploadOpened'] } },
  finalize: {
    ...WAITED_FOR,
    schema: finalizeEnvironment,
    milestones: { Uploads: ['UploadFinalized', 'UploadPublished', 'UploadRejected'] },
  },
  objects: { ...WAITED_FOR, schema: objectsEnvironment },
  // One message takes up to 14 service calls in sequence.
  verdicts: {
    ...QUEUED,
    timeoutSeconds: 45,
    schema: verdictsEnvironment,
    milestones: { Uploads: ['UploadPublished', 'UploadRejected', 'UploadParked', 'UploadDeleted'] },
  },
  // Nobody waits for the sweep. If a run is cut off, the next one continues where it stopped.
  sweep: {
    ...QUEUED,
    timeoutSeconds: 240,
    schema: sweepEnvironment,
    milestones: {
      Uploads: [
        'UploadPublished',
        'UploadRejected',
        'UploadParked',
        'UploadExpired',
        'UploadDeleted',
        'VerdictAsked',
      ],
    },
  },
  reviews: { ...WAITED_FOR, schema: reviewsEnvironment },
} satisfies FunctionTable;

/**
 * The pause before a failed message is read again, in seconds. It is short because somebody is waiting for the verdict,
 * and GuardDuty may tag an object a moment after sending the event.
 */
const RETRY_SECONDS = 60;

/** Accepts files from tenants, and publishes them once they have been checked and scanned. */
export const uploads: Capability<typeof functions> = {
  name: 'uploads',
  when: (config) => config.uploads === 'on',
  functions,
  routes: [
    ...forTenants('POST', '/uploads', 'uploads'),
    ...forTenants('GET', '/uploads/{uploadId}', 'uploads'),
    ...forTenants('DELETE', '/uploads/{uploadId}', 'uploads'),
    ...forTenants('POST', '/uploads/{uploadId}/parts', 'uploads'),
    ...forTenants('GET', '/uploads/{uploadId}/parts', 'uploads'),
    ...forTenants('POST', '/uploads/{uploadId}/finalize', 'finalize'),
    ...forTenants('GET', '/objects/{objectId}/download-url', 'objects'),
    signed('GET', '/operator/uploads', 'reviews'),
    signed('GET', '/operator/uploads/{uploadId}', 'reviews'),
    signed('POST', '/operator/uploads/{uploadId}/release', 'reviews'),
    signed('POST', '/operator/uploads/{uploadId}/reject', 'reviews'),
    signed('POST', '/operator/uploads/{uploadId}/rescan', 'reviews'),
  ],
  deploy: (parts, stack): DeploymentOf<typeof functions> => {
    const { api, config, files, keys, quarantine, store } = parts;
    const { bucket } = files;
    if (parts.uploads === undefined) throw new Error('Uploads need the upload tables');
    const own = parts.uploads;
    quarantine.accept(api.site);
    const scanner = new MalwareScanner(stack, 'MalwareScanner', { bucket, key: keys.data });
    const { plan } = scanner;
    const events = new VerdictQueue(stack, 'VerdictQueue', {
      key: keys.notice,
      consumerTimeoutSeconds: functions.verdicts.timeoutSeconds,
      retrySeconds: RETRY_SECONDS,
      bucket,
      plan,
    });
    const notices = new ScannerNotices(stack, 'ScannerNotices', { key: keys.notice, plan });
    const schedule = new SweepSchedule(stack, 'SweepSchedule', {
      rule: 'SweepRule',
      description: 'Handles the uploads that are due',
    });
    const change = [...changeUpload(own), writeEncrypted(keys)];
    // Ending an upload lowers the tenant's count of open sessions.
    const end = [...change, changeCount(store, SLOT_COUNTERS)];
    const stored = {
      UPLOAD_TABLE: own.uploads.tableName,
      UPLOAD_HISTORY_TABLE: own.history.tableName,
      LEDGER_RETENTION_DAYS: String(config.ledgerRetentionDays),
      FILE_BUCKET: bucket.bucketName,
    };
    const slots = { QUOTA_TABLE: store.quota.tableName };
    const guardDuty = { GUARDDUTY_URL: `https://guardduty.${Aws.REGION}.${Aws.URL_SUFFIX}` };
    return {
      functions: {
        uploads: {
          environment: {
            ...stored,
            ...slots,
            ...bearers(parts),
            ...pseudonyms(parts),
            ...presigning(parts),
            FILE_KEY_ARN: keys.data.keyArn,
            ...uploadLimits(parts),
          },
          permissions: [
            ...change,
            ...count(store, UPLOAD_COUNTERS),
            // The requests that this function signs carry its permissions. The function cannot read the uploaded files.
            onUploads(parts, ['s3:PutObject', 's3:ListMultipartUploadParts']),
            through('s3', keys.data, ['kms:GenerateDataKey', 'kms:Decrypt']),
            generateMac(keys.pseudonym),
          ],
          suppressions: uploadSuppressions,
        },
        finalize: {
          environment: { ...stored, ...slots, ...bearers(parts) },
          permissions: [
            ...end,
            // Without permission to generate a data key, this function can complete a multipart upload but not put
            // objects.
            onUploads(parts, ['s3:PutObject', 's3:ListMultipartUploadParts']),
            ...headFiles(parts, [UPLOAD_PREFIX]),
            readVersions(parts, [UPLOAD_PREFIX]),
          ],
          suppressions: uploadSuppressions,
        },
        objects: {
          environment: { ...stored, ...bearers(parts), ...presigning(parts), ...downloads(parts) },
          permissions: [
            readUpload(own),
            noteUpload(own),
            writeEncrypted(keys),
            readVersions(parts, [UPLOAD_PREFIX]),
            through('s3', keys.data, ['kms:Decrypt']),
          ],
          suppressions: uploadSuppressions,
        },
        verdicts: {
          environment: { ...stored, ...slots },
          permissions: [
            ...consume(events.queue, keys.notice),
            ...end,
            onUploads(parts, ['s3:GetObjectVersionTagging']),
            ...removeUploads(parts),
          ],
          suppressions: uploadSuppressions,
          trigger: events,
        },
        sweep: {
          environment: { ...stored, ...slots, ...guardDuty },
          permissions: [
            ...end,
            findUploads(own),
            onUploads(parts, ['s3:GetObjectVersionTagging', 's3:AbortMultipartUpload']),
            ...removeUploads(parts),
            askForScans(),
          ],
          suppressions: uploadSuppressions,
          trigger: schedule,
        },
        reviews: {
          environment: { ...stored, ...slots, ...guardDuty },
          permissions: [
            ...end,
            findUploads(own),
            allow(['dynamodb:Query'], [own.history.tableArn]),
            onUploads(parts, ['s3:GetObjectVersionTagging', 's3:PutObjectVersionTagging']),
            askForScans(),
          ],
          suppressions: uploadSuppressions,
        },
      },
      connect: ({ finalize, reviews }) =>
        quarantine.admit({
          checker: finalize.roleArn,
          scanner: scanner.role.roleArn,
          reviewer: reviews.roleArn,
        }),
      eventRules: [...events.rules, notices.rule, schedule.rule],
      alarms: uploadAlarms({ config, bucket, plan, notices: notices.queue, deadLetters: events.deadLetters }),
      outputs: [
        { name: 'UploadTableName', value: own.uploads.tableName, description: 'Uploads' },
        {
          name: 'UploadHistoryTableName',
          value: own.history.tableName,
          description: 'The history of uploads',
        },
        {
          name: 'VerdictQueueUrl',
          value: events.queue.queueUrl,
          description: 'New uploads and verdicts to handle',
        },
        {
          name: 'VerdictDeadLetterQueueUrl',
          value: events.deadLetters.queueUrl,
          description: 'New uploads and verdicts that could not be handled',
        },
        {
          name: 'ScannerNoticeQueueUrl',
          value: notices.queue.queueUrl,
          description: "GuardDuty's reports that it could not scan or tag uploads",
        },
      ],
    };
  },
};
