import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Endpoints } from '../../../bin/local/stack.ts';
import { S3UploadForms } from '../../../lambda/adapters/s3-upload-forms.ts';
import type { FunctionName } from '../../../lib/capabilities.ts';
import { uploadAt } from '../uploads.ts';
import type { RoleClients } from './role-clients.ts';

/** One version that the scanner found clean, one that it found infected, and the key that encrypts both. */
export interface Scanned {
  readonly clean: string;
  readonly infected: string;
  readonly keyArn: string;
}

/** An action on uploads that an attacker might try with a function's role, and which functions are allowed to do it. */
type UploadAttempt = readonly [
  what: string,
  run: (role: RoleClients, at: Endpoints & Scanned) => Promise<unknown>,
  may: readonly FunctionName[],
];

export const CLEAN = `uploads/c${'1'.repeat(31)}`;
export const INFECTED = `uploads/c${'2'.repeat(31)}`;
const ABSENT = `uploads/c${'3'.repeat(31)}`;

const NOBODY = [] as const;
const OPENED_BY_LINKS = ['redeem', 'stream', 'watermark', 'links'] as const;
const CHECKING = ['finalize', 'submit'] as const;
const SIGNING = ['uploads', 'receive'] as const;
const TAKING = [...SIGNING, ...CHECKING] as const;
const CHANGING = [...TAKING, 'verdicts', 'sweep', 'reviews', 'invites', 'bounces'] as const;

const uploadId = ABSENT.slice('uploads/'.length);
const LINE = { uploadId, timeEvent: '2031-05-17T10:20:30.000Z#made-up', event: 'made-up', removeAt: 1 };

/** Returns the name of the table of uploads. The names of the tables differ only in their logical IDs. */
const uploadTable = ({ tokenTable }: Endpoints) => tokenTable.replace('TokenTable', 'UploadTable');
const historyTable = ({ tokenTable }: Endpoints) => tokenTable.replace('TokenTable', 'UploadHistoryTable');
const verdictQueue = ({ mailQueueUrl }: Endpoints) => mailQueueUrl.replace('MailQueue', 'VerdictQueue');

const read =
  (Key: string, version?: 'clean' | 'infected'): UploadAttempt[1] =>
  ({ s3 }, at) =>
    s3.send(new GetObjectCommand({ Bucket: at.bucket, Key, ...(version && { VersionId: at[version] }) }));
const write =
  (more: { readonly IfNoneMatch?: '*'; readonly Tagging?: string }): UploadAttempt[1] =>
  ({ s3 }, { bucket: Bucket }) =>
    s3.send(new PutObjectCommand({ Bucket, Key: CLEAN, Body: 'other', ...more }));
const tag =
  (key: string, version: 'clean' | 'infected', tags: Readonly<Record<string, string>>): UploadAttempt[1] =>
  ({ s3 }, at) =>
    s3.send(
      new PutObjectTaggingCommand({
        Bucket: at.bucket,
        Key: key,
        VersionId: at[version],
        Tagging: { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
      }),
    );
const multipart = { Key: ABSENT, UploadId: 'none' };
const complete =
  (condition: { readonly IfNoneMatch?: '*' }): UploadAttempt[1] =>
  ({ s3 }, { bucket: Bucket }) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, ...multipart, ...condition }));

/** Signs and sends a form like the one on the page without scripts. @throws Error with the name of S3's error */
const sendForm: UploadAttempt[1] = async ({ s3 }, { bucket, keyArn }) => {
  const signer = new S3UploadForms(s3, { bucket, keyArn, clock: () => new Date() });
  const upload = { ...uploadAt(new Date()), type: 'text/plain' };
  const { url, fields } = await signer.presignForm(upload, { seconds: 60, returnTo: 'https://page.test/' });
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append('file', new Blob(['other']), 'other.txt');
  const response = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  const name = /<Code>(\w+)/.exec(await response.text())?.[1];
  if (name !== undefined) throw Object.assign(new Error(`S3 responded with ${response.status}`), { name });
};

/** Actions on uploads that only some functions, or none, are allowed to perform. */
export const UPLOAD_ATTEMPTS: readonly UploadAttempt[] = [
  ['read a clean upload', read(CLEAN), [...OPENED_BY_LINKS, ...CHECKING]],
  ['read a version of a clean upload', read(CLEAN, 'clean'), [...OPENED_BY_LINKS, ...CHECKING, 'objects']],
  ['read an upload with threats', read(INFECTED), [...CHECKING]],
  ['read a version of an upload with threats', read(INFECTED, 'infected'), [...CHECKING]],
  [
    'list uploads',
    ({ s3 }, { bucket: Bucket }) => s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'uploads/' })),
    [...OPENED_BY_LINKS, ...CHECKING],
  ],
  [
    'list the versions of an upload',
    ({ s3 }, { bucket: Bucket }) => s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: CLEAN })),
    ['verdicts', 'sweep'],
  ],
  [
    'list the versions of offered files',
    ({ s3 }, { bucket: Bucket }) => s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'gated/' })),
    NOBODY,
  ],

  ['put an upload where none exists', write({ IfNoneMatch: '*' }), SIGNING],
  ['overwrite an upload', write({}), NOBODY],
  ['put an upload with a tag', write({ IfNoneMatch: '*', Tagging: 'mine=1' }), NOBODY],
  [
    'begin a multipart upload',
    ({ s3 }, { bucket: Bucket }) => s3.send(new CreateMultipartUploadCommand({ Bucket, Key: ABSENT })),
    SIGNING,
  ],
  ['complete a multipart upload where no object exists', complete({ IfNoneMatch: '*' }), TAKING],
  ['complete a multipart upload over an object', complete({}), NOBODY],
  ['send a file with a form', sendForm, ['receive']],
  [
    'copy an upload to another key',
    ({ s3 }, { bucket: Bucket }) =>
      s3.send(new CopyObjectCommand({ Bucket, Key: ABSENT, CopySource: `${Bucket}/${CLEAN}` })),
    NOBODY,
  ],
  [
    'list the parts of a multipart upload',
    ({ s3 }, { bucket: Bucket }) => s3.send(new ListPartsCommand({ Bucket, ...multipart })),
    TAKING,
  ],
  [
    'abort a multipart upload',
    ({ s3 }, { bucket: Bucket }) => s3.send(new AbortMultipartUploadCommand({ Bucket, ...multipart })),
    ['sweep'],
  ],
  [
    'delete a version of an upload',
    ({ s3 }, { bucket: Bucket, clean: VersionId }) =>
      s3.send(new DeleteObjectCommand({ Bucket, Key: ABSENT, VersionId })),
    ['verdicts', 'sweep'],
  ],
  [
    'hide an upload behind a delete marker',
    ({ s3 }, { bucket: Bucket }) => s3.send(new DeleteObjectCommand({ Bucket, Key: ABSENT })),
    NOBODY,
  ],

  [
    'read the tags of a version',
    ({ s3 }, { bucket: Bucket, clean: VersionId }) =>
      s3.send(new GetObjectTaggingCommand({ Bucket, Key: CLEAN, VersionId })),
    ['verdicts', 'sweep', 'reviews'],
  ],
  ['tag an upload as clean', tag(CLEAN, 'clean', { GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND' }), NOBODY],
  ['release an upload with threats', tag(INFECTED, 'infected', { ReleasedByOperator: 'true' }), NOBODY],
  ['write an unknown tag', tag(CLEAN, 'clean', { mine: '1' }), NOBODY],
  ['release an upload without threats', tag(CLEAN, 'clean', { ReleasedByOperator: 'true' }), ['reviews']],
  [
    'remove the tags of a version',
    ({ s3 }, { bucket: Bucket, clean: VersionId }) =>
      s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: CLEAN, VersionId })),
    NOBODY,
  ],

  [
    'read the row of an upload',
    ({ tables }, at) => tables.send(new GetCommand({ TableName: uploadTable(at), Key: { uploadId } })),
    [...CHANGING, 'objects', 'links', 'mail', 'outcomes'],
  ],
  [
    'put the row of an upload',
    ({ tables }, at) =>
      tables.send(
        new PutCommand({ TableName: uploadTable(at), Item: { uploadId, state: 'created', revision: 0 } }),
      ),
    CHANGING,
  ],
  [
    'put an attribute that no upload has',
    ({ tables }, at) =>
      tables.send(new PutCommand({ TableName: uploadTable(at), Item: { uploadId, mine: 1 } })),
    NOBODY,
  ],
  [
    'delete the row of an upload',
    ({ tables }, at) => tables.send(new DeleteCommand({ TableName: uploadTable(at), Key: { uploadId } })),
    NOBODY,
  ],
  [
    'find uploads by their pending work',
    ({ tables }, at) =>
      tables.send(
        new QueryCommand({
          TableName: uploadTable(at),
          IndexName: 'byPile',
          KeyConditionExpression: 'pile = :pile',
          ExpressionAttributeValues: { ':pile': 'parked' },
        }),
      ),
    ['sweep', 'reviews'],
  ],
  [
    'add a line to the history of an upload',
    ({ tables }, at) => tables.send(new PutCommand({ TableName: historyTable(at), Item: LINE })),
    [...CHANGING, 'objects'],
  ],
  [
    'change the history of an upload',
    ({ tables }, at) =>
      tables.send(
        new UpdateCommand({
          TableName: historyTable(at),
          Key: { uploadId, timeEvent: 'x' },
          UpdateExpression: 'SET event = :event',
          ExpressionAttributeValues: { ':event': 'other' },
        }),
      ),
    NOBODY,
  ],
  [
    'read the history of an upload',
    ({ tables }, at) =>
      tables.send(
        new QueryCommand({
          TableName: historyTable(at),
          KeyConditionExpression: 'uploadId = :id',
          ExpressionAttributeValues: { ':id': uploadId },
        }),
      ),
    ['reviews'],
  ],

  [
    'make up a verdict',
    ({ sqs }, at) => sqs.send(new SendMessageCommand({ QueueUrl: verdictQueue(at), MessageBody: '{}' })),
    NOBODY,
  ],
  [
    'take messages from the queue of verdicts',
    ({ sqs }, at) =>
      sqs.send(new ReceiveMessageCommand({ QueueUrl: verdictQueue(at), VisibilityTimeout: 0 })),
    ['verdicts'],
  ],
];
