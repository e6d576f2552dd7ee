import { describe, expect, test } from '@jest/globals';
import { type FunctionName, functionNames as functions } from '../../lib/capabilities.ts';
import { permissionsOf, roleOf, template } from './permissions.ts';
import { inWords, resourcesOf } from './template.ts';

const FILES = '<FileBucket.Arn>/gated/*';
const BATCH_GET = ['dynamodb:BatchGetItem <TokenTable.Arn>', 'dynamodb:BatchGetItem <ReceiptTable.Arn>'];
const READ_ENCRYPTED = ['kms:Decrypt <DataKey.Arn>', 'kms:DescribeKey <DataKey.Arn>'];
const WRITE_ENCRYPTED = ['Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo']
  .map((action) => `kms:${action} <DataKey.Arn>`)
  .concat(READ_ENCRYPTED);
const SIGN = 'kms:GenerateMac <SigningKey.Arn>';
const PRIVATE_FILES = '<FileBucket.Arn>/private/*';
const HEAD = [`s3:GetObject ${FILES}`, 's3:ListBucket <FileBucket.Arn>'];
const UPLOADS = '<FileBucket.Arn>/uploads/*';
const HEAD_ANY = [...HEAD, `s3:GetObject ${PRIVATE_FILES}`, `s3:GetObject ${UPLOADS}`];
const APPEND = 'dynamodb:PutItem <LedgerTable.Arn>';
const PUT_TOKEN = 'dynamodb:PutItem <TokenTable.Arn>';
const END_TOKEN = [
  'dynamodb:GetItem <ReceiptTable.Arn>',
  'dynamodb:PutItem <ReceiptTable.Arn>',
  'dynamodb:DeleteItem <TokenTable.Arn>',
  APPEND,
];
const COUNT = ['dynamodb:GetItem <QuotaTable.Arn>', 'dynamodb:UpdateItem <QuotaTable.Arn>'];
const REQUEST_LINK = [
  ...COUNT,
  PUT_TOKEN,
  APPEND,
  ...WRITE_ENCRYPTED,
  ...HEAD,
  'kms:GenerateMac <PseudonymKey.Arn>',
  'sqs:SendMessage <MailQueue.Arn>',
];

const READ_VERSIONS = [FILES, PRIVATE_FILES, UPLOADS].map((files) => `s3:GetObjectVersion ${files}`);
const COUNT_ATTEMPT = 'dynamodb:UpdateItem <TokenTable.Arn>';
const REDEEM = [
  ...BATCH_GET,
  ...END_TOKEN,
  ...WRITE_ENCRYPTED,
  ...HEAD_ANY,
  ...READ_VERSIONS,
  SIGN,
  'sqs:SendMessage <MailQueue.Arn>',
  // Needed for second chances.
  ...COUNT,
  'dynamodb:PutItem <QuotaTable.Arn>',
  // Needed for presence codes.
  COUNT_ATTEMPT,
  'dynamodb:PutItem <ReceiptTable.Arn>',
  'kms:GenerateMac <PseudonymKey.Arn>',
];

const NOTE_UPLOAD = 'dynamodb:PutItem <UploadHistoryTable.Arn>';
const CHANGE_UPLOAD = [
  'dynamodb:GetItem <UploadTable.Arn>',
  'dynamodb:PutItem <UploadTable.Arn>',
  NOTE_UPLOAD,
  ...WRITE_ENCRYPTED,
];
const END_UPLOAD = [...CHANGE_UPLOAD, 'dynamodb:UpdateItem <QuotaTable.Arn>'];
const LINKS = '<UploadLinkTable.Arn>';
const CHANGE_LINK = [`dynamodb:GetItem ${LINKS}`, `dynamodb:PutItem ${LINKS}`, NOTE_UPLOAD];
const FIND_UPLOADS = 'dynamodb:Query <UploadTable.Arn>/index/byPile';
const SEND = ['PutObject', 'ListMultipartUploadParts'].map((action) => `s3:${action} ${UPLOADS}`);
const READ_TAGS = `s3:GetObjectVersionTagging ${UPLOADS}`;
const REMOVE = ['s3:ListBucketVersions <FileBucket.Arn>', `s3:DeleteObjectVersion ${UPLOADS}`];
const SCAN = 'guardduty:SendObjectMalwareScan *';

const streams = ['TokenTable', 'ReceiptTable', 'LedgerTable', 'UploadTable'].map(
  (table) => `<${table}.StreamArn>`,
);

const EXACT: Readonly<Record<FunctionName, readonly string[]>> = {
  mint: REQUEST_LINK,
  challenges: ['dynamodb:GetItem <QuotaTable.Arn>', ...READ_ENCRYPTED, 'kms:GenerateMac <PseudonymKey.Arn>'],
  mail: [
    'sqs:ReceiveMessage <MailQueue.Arn>',
    'sqs:DeleteMessage <MailQueue.Arn>',
    'sqs:GetQueueAttributes <MailQueue.Arn>',
    ...BATCH_GET,
    'dynamodb:Query <LedgerTable.Arn>',
    APPEND,
    `dynamodb:GetItem ${LINKS}`,
    'dynamodb:GetItem <UploadTable.Arn>',
    'dynamodb:Query <UploadHistoryTable.Arn>',
    NOTE_UPLOAD,
    ...COUNT,
    ...WRITE_ENCRYPTED,
    SIGN,
    'ses:SendEmail arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*',
    'ses:SendEmail arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:configuration-set/<ConfigurationSet>',
  ],
  pages: [...BATCH_GET, 'dynamodb:GetItem <QuotaTable.Arn>', ...READ_ENCRYPTED, SIGN],
  collection: [...BATCH_GET, 'dynamodb:GetItem <QuotaTable.Arn>', ...READ_ENCRYPTED, SIGN],
  redeem: REDEEM,
  stream: REDEEM,
  watermark: REDEEM,
  zip: REDEEM.filter((permission) => !permission.endsWith(UPLOADS)),
  links: [
    ...BATCH_GET,
    PUT_TOKEN,
    ...END_TOKEN,
    ...['GetItem', 'PutItem', 'UpdateItem'].map((action) => `dynamodb:${action} <IssueTable.Arn>`),
    ...['', '/index/byAsset', '/index/byPseudonym', '/index/byMonth'].map(
      (index) => `dynamodb:Query <LedgerTable.Arn>${index}`,
    ),
    ...COUNT,
    ...WRITE_ENCRYPTED,
    ...HEAD_ANY,
    ...READ_VERSIONS,
    `s3:GetObjectVersionTagging ${PRIVATE_FILES}`,
    'dynamodb:GetItem <UploadTable.Arn>',
    SIGN,
    'kms:GenerateMac <PseudonymKey.Arn>',
    'sqs:SendMessage <MailQueue.Arn>',
  ],
  bounces: [
    'sqs:ReceiveMessage <BounceQueue.Arn>',
    'sqs:DeleteMessage <BounceQueue.Arn>',
    'sqs:GetQueueAttributes <BounceQueue.Arn>',
    'kms:Decrypt <NoticeKey.Arn>',
    ...BATCH_GET,
    ...END_TOKEN,
    'dynamodb:Query <LedgerTable.Arn>',
    ...CHANGE_LINK,
    ...CHANGE_UPLOAD,
    'kms:GenerateMac <PseudonymKey.Arn>',
  ],
  renewals: [...REQUEST_LINK, ...BATCH_GET, 'dynamodb:Query <LedgerTable.Arn>', SIGN],
  uploads: [...CHANGE_UPLOAD, ...COUNT, ...SEND, 'kms:GenerateMac <PseudonymKey.Arn>'],
  finalize: [
    ...END_UPLOAD,
    ...SEND,
    `s3:GetObject ${UPLOADS}`,
    `s3:GetObjectVersion ${UPLOADS}`,
    's3:ListBucket <FileBucket.Arn>',
  ],
  objects: [
    'dynamodb:GetItem <UploadTable.Arn>',
    NOTE_UPLOAD,
    ...WRITE_ENCRYPTED,
    `s3:GetObjectVersion ${UPLOADS}`,
  ],
  verdicts: [
    'sqs:ReceiveMessage <VerdictQueue.Arn>',
    'sqs:DeleteMessage <VerdictQueue.Arn>',
    'sqs:GetQueueAttributes <VerdictQueue.Arn>',
    'kms:Decrypt <NoticeKey.Arn>',
    ...END_UPLOAD,
    READ_TAGS,
    ...REMOVE,
  ],
  sweep: [...END_UPLOAD, FIND_UPLOADS, READ_TAGS, `s3:AbortMultipartUpload ${UPLOADS}`, ...REMOVE, SCAN],
  reviews: [
    ...END_UPLOAD,
    FIND_UPLOADS,
    'dynamodb:Query <UploadHistoryTable.Arn>',
    READ_TAGS,
    `s3:PutObjectVersionTagging ${UPLOADS}`,
    SCAN,
  ],
  invites: [
    ...CHANGE_LINK,
    ...CHANGE_UPLOAD,
    `dynamodb:Query ${LINKS}/index/byTenant`,
    ...COUNT,
    SIGN,
    'kms:GenerateMac <PseudonymKey.Arn>',
    'sqs:SendMessage <MailQueue.Arn>',
  ],
  receive: [...CHANGE_LINK, ...CHANGE_UPLOAD, ...COUNT, ...SEND, SIGN, 'kms:GenerateMac <PseudonymKey.Arn>'],
  submit: [
    ...CHANGE_LINK,
    ...CHANGE_UPLOAD,
    ...SEND,
    `s3:GetObject ${UPLOADS}`,
    `s3:GetObjectVersion ${UPLOADS}`,
    's3:ListBucket <FileBucket.Arn>',
    SIGN,
    'sqs:SendMessage <MailQueue.Arn>',
  ],
  events: [
    ...['DescribeStream', 'GetRecords', 'GetShardIterator'].flatMap((action) =>
      streams.map((stream) => `dynamodb:${action} ${stream}`),
    ),
    'dynamodb:ListStreams *',
    'dynamodb:GetItem <ReceiptTable.Arn>',
    ...READ_ENCRYPTED,
    'events:PutEvents <EventBus.Arn>',
    'sqs:SendMessage <EventFailureQueue.Arn>',
    'kms:GenerateDataKey <DataKey.Arn>',
  ],
  outcomes: [
    ...CHANGE_LINK,
    ...WRITE_ENCRYPTED,
    `dynamodb:Query ${LINKS}/index/byEnd`,
    'dynamodb:GetItem <UploadTable.Arn>',
    'sqs:SendMessage <MailQueue.Arn>',
  ],
};

describe('the permissions of functions:', () => {
  test.each(functions)('%s has exactly the permissions for its own calls, log, and traces', (name) => {
    const { title } = roleOf(name);
    const ownLog = [
      ...['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} <${title}Logs.Arn>`),
      ...['PutTraceSegments', 'PutTelemetryRecords'].map((action) => `xray:${action} *`),
    ];
    expect([...new Set(permissionsOf(name))].toSorted()).toEqual(
      [...new Set([...EXACT[name], ...ownLog])].toSorted(),
    );
  });

  test.each(functions)(
    '%s has its own role, which has no managed policies and which only Lambda is allowed to assume',
    (name) => {
      const { title, properties } = roleOf(name);
      expect(properties.ManagedPolicyArns).toBeUndefined();
      expect(properties.AssumeRolePolicyDocument).toMatchObject({
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      });
      const users = resourcesOf(template, 'AWS::Lambda::Function').filter(
        ([, { Properties }]) => inWords(Properties.Role) === `<${title}Role.Arn>`,
      );
      expect(users.map(([logicalId]) => logicalId)).toEqual([`${title}Function`]);
    },
  );
});
