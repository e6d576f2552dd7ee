import type { Acknowledgment } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Parts } from '../capability.ts';
import { UPLOAD_PREFIX } from '../constructs/file-store.ts';
import type { UploadStore } from '../constructs/upload-store.ts';
import { fileSuppressions } from './files.ts';
import { allow } from './statements.ts';
import { put } from './tables.ts';

/** Attributes of every upload (lambda/domain/uploads/upload.ts). Each write replaces the whole row. */
const UPLOAD = [
  ...['uploadId', 'tenant', 'fileName', 'size', 'type', 'checksum', 'state', 'step', 'reason', 'revision'],
  ...[
    'createdAt',
    'changedAt',
    'sessionExpiresAt',
    'dueAt',
    'pile',
    'closed',
    'slot',
    'digest',
    'multipartId',
  ],
  ...['version', 'verdict', 'asked', 'linkId', 'removeAt'],
];

/** Attributes of every line in an upload's history. */
const HISTORY_LINE = [
  ...['uploadId', 'timeEvent', 'event', 'revision', 'by', 'versionId', 'result', 'reason', 'removeAt'],
];

/** First characters of the IDs of uploads and of upload links. One table contains the history of both. */
const UPLOAD_IDS = ['c*'];
const LINK_IDS = ['e*'];

/** Attributes of every upload link (lambda/domain/upload-links/upload-link.ts). Each write replaces the whole row. */
const LINK = [
  ...[
    'linkId',
    'tenant',
    'inviter',
    'purpose',
    'to',
    'notify',
    'mostFiles',
    'mostBytes',
    'types',
    'language',
  ],
  ...['issuedAt', 'keyEpoch', 'expiresAt', 'state', 'endedAt', 'files', 'told', 'revision', 'step'],
  ...['changedAt', 'digest', 'outcome', 'endsAt', 'removeAt'],
];

/** Attributes of every line in an upload link's history. */
const LINK_LINE = [
  ...['uploadId', 'timeEvent', 'event', 'revision', 'file', 'until', 'by', 'mail', 'reason', 'removeAt'],
];

/** Counters of open sessions, by name prefix (lambda/domain/uploads/limits.ts). */
export const SLOT_COUNTERS = ['upload-slots/*'];

/** Counters of bytes per day, by name prefix. */
export const BYTE_COUNTERS = ['upload-bytes/*', 'link-bytes/*'];

/** Counters of uploads, by name prefix. */
export const UPLOAD_COUNTERS = [...BYTE_COUNTERS, ...SLOT_COUNTERS];

/** Allows reading uploads by ID, but not listing them. */
export function readUpload({ uploads }: UploadStore): PolicyStatement {
  return allow(['dynamodb:GetItem'], [uploads.tableArn]);
}

/** Allows appending to the history of uploads. */
export function noteUpload({ history }: UploadStore): PolicyStatement {
  return put(history, HISTORY_LINE, UPLOAD_IDS);
}

/** Allows changing the state of an upload. IAM cannot distinguish states, so the object's tag decides who may read it. */
export function changeUpload(store: UploadStore): readonly PolicyStatement[] {
  return [readUpload(store), put(store.uploads, UPLOAD), noteUpload(store)];
}

/** Allows reading upload links by ID, but not listing them. */
export function readLink({ links }: UploadStore): PolicyStatement {
  return allow(['dynamodb:GetItem'], [links.tableArn]);
}

/** Allows appending to the history of upload links. */
export function noteLink({ history }: UploadStore): PolicyStatement {
  return put(history, LINK_LINE, LINK_IDS);
}

export function readLinkHistory({ history }: UploadStore): PolicyStatement {
  return allow(['dynamodb:Query'], [history.tableArn], {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': LINK_IDS },
  });
}

/** Allows reading and changing upload links, and appending to their history. */
export function changeLink(store: UploadStore): readonly PolicyStatement[] {
  return [readLink(store), put(store.links, LINK), noteLink(store)];
}

/** Allows finding uploads by what is left to do. */
export function findUploads({ byPileArn }: UploadStore): PolicyStatement {
  return allow(['dynamodb:Query'], [byPileArn]);
}

/** Allows the given actions on uploaded objects. */
export function onUploads({ files }: Pick<Parts, 'files'>, actions: string[]): PolicyStatement {
  return allow(actions, [files.bucket.arnForObjects(`${UPLOAD_PREFIX}*`)]);
}

/** Allows listing the versions of uploads, and deleting them. */
export function removeUploads({ files }: Pick<Parts, 'files'>): readonly PolicyStatement[] {
  return [
    allow(['s3:ListBucketVersions'], [files.bucket.bucketArn], {
      StringLike: { 's3:prefix': `${UPLOAD_PREFIX}*` },
    }),
    onUploads({ files }, ['s3:DeleteObjectVersion']),
  ];
}

/**
 * Allows requesting another scan from GuardDuty. The action does not support resource-level permissions (Service
 * Authorization Reference, "Amazon GuardDuty").
 */
export function askForScans(): PolicyStatement {
  return allow(['guardduty:SendObjectMalwareScan'], ['*']);
}

/** The reasons for wildcards in permissions on uploads. */
export const uploadSuppressions: readonly Acknowledgment[] = fileSuppressions([UPLOAD_PREFIX]);
