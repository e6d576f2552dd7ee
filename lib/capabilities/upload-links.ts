import {
  invitesEnvironment,
  outcomesEnvironment,
  receiveEnvironment,
  submitEnvironment,
} from '../../lambda/environment/upload-links.ts';
import type { Capability, DeploymentOf, FunctionTable } from '../capability.ts';
import { UPLOAD_PREFIX } from '../constructs/file-store.ts';
import { SweepSchedule } from '../constructs/sweep-schedule.ts';
import { QUEUED, WAITED_FOR } from '../function-size.ts';
import { headFiles, readVersions } from '../permissions/files.ts';
import { queueMail } from '../permissions/queues.ts';
import { allow, generateMac, through } from '../permissions/statements.ts';
import { count, PROGRAM_COUNTERS, writeEncrypted } from '../permissions/tables.ts';
import {
  BYTE_COUNTERS,
  changeLink,
  changeUpload,
  onUploads,
  readUpload,
  uploadSuppressions,
} from '../permissions/uploads.ts';
import { open } from '../route.ts';
import { forTenants } from '../tenant-routes.ts';
import {
  bearers,
  presigning,
  programLimits,
  pseudonyms,
  recipients,
  signedOrigins,
  signing,
  trustedProxy,
  uploadLimits,
} from '../variables.ts';

const functions = {
  invites: {
    ...WAITED_FOR,
    schema: invitesEnvironment,
    milestones: { Uploads: ['UploadLinkIssued', 'UploadLinkRevoked'] },
  },
  receive: { ...WAITED_FOR, schema: receiveEnvironment, milestones: { Uploads: ['UploadOpened'] } },
  submit: {
    ...WAITED_FOR,
    schema: submitEnvironment,
    milestones: {
      Uploads: ['UploadFinalized', 'UploadPublished', 'UploadRejected', 'UploadLinkFinished'],
    },
  },
  // Nobody waits for this function. If a run is cut off, the next one continues where it stopped.
  outcomes: { ...QUEUED, timeoutSeconds: 240, schema: outcomesEnvironment },
} satisfies FunctionTable;

/** The counters of requests per source. The form uses them, too. */
const SOURCE_COUNTERS = ['source/*'];

/** Lets tenants invite people without an account to send files. */
export const uploadLinks: Capability<typeof functions> = {
  name: 'upload-links',
  when: (config) => config.uploads === 'on',
  functions,
  routes: [
    ...forTenants('POST', '/upload-links', 'invites'),
    ...forTenants('GET', '/upload-links', 'invites'),
    ...forTenants('GET', '/upload-links/{linkId}', 'invites'),
    ...forTenants('DELETE', '/upload-links/{linkId}', 'invites'),
    ...forTenants('POST', '/upload-links/{linkId}/extend', 'invites'),
    // These routes are public. The token in the request determines what the request is allowed to do.
    open('GET', '/upload', 'receive'),
    open('HEAD', '/upload', 'receive'),
    open('POST', '/upload/files', 'receive'),
    open('POST', '/upload/open', 'receive'),
    open('POST', '/upload/form', 'receive'),
    open('POST', '/upload/parts', 'receive'),
    open('POST', '/upload/remove', 'receive'),
    open('POST', '/upload/finalize', 'submit'),
    open('POST', '/upload/finish', 'submit'),
  ],
  deploy: (parts, stack): DeploymentOf<typeof functions> => {
    const { api, config, files, keys, quarantine, store } = parts;
    if (parts.uploads === undefined) throw new Error('Upload links need the upload tables');
    const own = parts.uploads;
    const schedule = new SweepSchedule(stack, 'OutcomeSchedule', {
      rule: 'OutcomeRule',
      description: 'Tells inviters whether the files they asked for were accepted',
    });
    const stored = {
      UPLOAD_LINK_TABLE: own.links.tableName,
      UPLOAD_TABLE: own.uploads.tableName,
      UPLOAD_HISTORY_TABLE: own.history.tableName,
      LEDGER_RETENTION_DAYS: String(config.ledgerRetentionDays),
    };
    const counted = { QUOTA_TABLE: store.quota.tableName };
    const queue = { MAIL_QUEUE_URL: parts.mail.queue.queueUrl };
    const bucket = { FILE_BUCKET: files.bucket.bucketName };
    const { UPLOAD_MAX_BYTES, UPLOAD_TYPES, UPLOAD_BYTES_PER_DAY, UPLOAD_SESSION_SECONDS } =
      uploadLimits(parts);
    const change = [...changeLink(own), ...changeUpload(own), writeEncrypted(keys)];
    return {
      functions: {
        invites: {
          environment: {
            ...stored,
            ...counted,
            ...queue,
            ...signing(parts),
            ...pseudonyms(parts),
            ...programLimits(parts),
            ...recipients(parts),
            ...bearers(parts),
            PUBLIC_ORIGIN: api.origin,
            UPLOAD_MAX_BYTES,
            UPLOAD_TYPES,
          },
          permissions: [
            ...change,
            allow(['dynamodb:Query'], [own.byTenantArn]),
            ...count(store, PROGRAM_COUNTERS),
            generateMac(keys.signing),
            generateMac(keys.pseudonym),
            ...queueMail(parts),
          ],
        },
        receive: {
          environment: {
            ...stored,
            ...counted,
            ...bucket,
            ...signing(parts),
            ...pseudonyms(parts),
            ...signedOrigins(parts),
            ...presigning(parts),
            ...trustedProxy(parts),
            FILE_KEY_ARN: keys.data.keyArn,
            UPLOAD_BYTES_PER_DAY,
            UPLOAD_SESSION_SECONDS,
            SOURCE_LIMIT_PER_HOUR: String(config.sourceLimitPerHour),
          },
          permissions: [
            ...change,
            ...count(store, [...BYTE_COUNTERS, ...SOURCE_COUNTERS]),
            // The requests and forms that this function signs carry its permissions. The function cannot read the
            // uploaded files.
            onUploads(parts, ['s3:PutObject', 's3:ListMultipartUploadParts']),
            through('s3', keys.data, ['kms:GenerateDataKey', 'kms:Decrypt']),
            generateMac(keys.signing),
            generateMac(keys.pseudonym),
          ],
          suppressions: uploadSuppressions,
        },
        submit: {
          environment: { ...stored, ...bucket, ...queue, ...signing(parts), ...signedOrigins(parts) },
          permissions: [
            ...change,
            onUploads(parts, ['s3:PutObject', 's3:ListMultipartUploadParts']),
            ...headFiles(parts, [UPLOAD_PREFIX]),
            readVersions(parts, [UPLOAD_PREFIX]),
            generateMac(keys.signing),
            ...queueMail(parts),
          ],
          suppressions: uploadSuppressions,
        },
        outcomes: {
          environment: { ...stored, ...queue },
          permissions: [
            ...changeLink(own),
            allow(['dynamodb:Query'], [own.byEndArn]),
            readUpload(own),
            writeEncrypted(keys),
            ...queueMail(parts),
          ],
          trigger: schedule,
        },
      },
      connect: ({ receive, submit }) => {
        quarantine.acceptForms(receive.roleArn);
        quarantine.admitChecker(submit.roleArn);
      },
      eventRules: [schedule.rule],
      outputs: [{ name: 'UploadLinkTableName', value: own.links.tableName, description: 'Upload links' }],
    };
  },
};
