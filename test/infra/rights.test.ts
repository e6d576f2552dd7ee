import { beforeAll, describe, expect, test } from '@jest/globals';
import { CHANNEL_DIGITS } from '../../lambda/domain/ids.ts';
import { type FunctionName, functionNames as functions } from '../../lib/capabilities.ts';
import { inWords, resource, resourcesOf, SENDER, type Template, templateOf } from './template.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, unknown>>;
}

let template: Template;

beforeAll(() => {
  // Every function, whatever option it needs.
  template = templateOf({
    senderEmail: SENDER,
    proofOfWork: 'auto',
    events: true,
    watermarks: 'on',
    secondChance: 'on',
    collections: 'on',
    presenceCode: 'on',
  });
});

function roleOf(name: FunctionName) {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  expect(inWords(resource(template, `${title}Function`).Properties.Role)).toBe(`<${title}Role.Arn>`);
  return { title, properties: resource(template, `${title}Role`).Properties };
}

function statementsOf(name: FunctionName): readonly Statement[] {
  const policies = roleOf(name).properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => inWords(PolicyDocument.Statement) as Statement[]);
}

const listed = <Item>(value: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(value) ? (value as readonly Item[]) : [value as Item];

/** Returns each right as `action resource`. */
function rightsOf(name: FunctionName): string[] {
  return statementsOf(name).flatMap(({ Action, Resource }) =>
    listed(Action).flatMap((action) => listed(Resource).map((where) => `${action} ${where}`)),
  );
}

const everyRight = () => functions.flatMap((name) => rightsOf(name).map((right) => ({ name, right })));

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
  // Second chances.
  ...COUNT,
  'dynamodb:PutItem <QuotaTable.Arn>',
  // With presence codes.
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
  zip: REDEEM.filter((right) => !right.endsWith(UPLOADS)),
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

describe('what a function may do', () => {
  test.each(functions)(
    '%s may make its own calls, write its own log and traces, and nothing more',
    (name) => {
      const { title } = roleOf(name);
      const ownLog = [
        ...['CreateLogStream', 'PutLogEvents'].map((action) => `logs:${action} <${title}Logs.Arn>`),
        ...['PutTraceSegments', 'PutTelemetryRecords'].map((action) => `xray:${action} *`),
      ];
      expect([...new Set(rightsOf(name))].toSorted()).toEqual(
        [...new Set([...EXACT[name], ...ownLog])].toSorted(),
      );
    },
  );

  test.each(functions)('%s has its own role, for Lambda only and without a managed policy', (name) => {
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
  });

  test('no separate policy grants anything', () => {
    expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual([]);
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('pages cannot write', () => {
    const reading =
      /^(dynamodb:(BatchGetItem|GetItem)|kms:(Decrypt|DescribeKey|GenerateMac)|(logs|xray):\w+) /;
    expect(rightsOf('pages').filter((right) => !reading.test(right))).toEqual([]);
  });

  test.each(['redeem', 'stream', 'watermark', 'zip'] as const)(
    '%s cannot send mail, but can queue the ID of a notice',
    (name) => {
      expect(rightsOf(name).filter((right) => /^(ses|sqs):/.test(right))).toEqual([
        'sqs:SendMessage <MailQueue.Arn>',
      ]);
    },
  );

  test('mail, which may sign, can neither touch the bucket nor write to the token table', () => {
    const writing = /^dynamodb:(Put|Update|Delete)Item <TokenTable/;
    expect(rightsOf('mail').filter((right) => right.startsWith('s3:') || writing.test(right))).toEqual([]);
  });

  test('every write to a table names its attributes, returns no old values, and is not part of a transaction', () => {
    for (const name of functions) {
      for (const { Action, Resource, Condition } of statementsOf(name)) {
        if (!listed(Action).some((action) => /^dynamodb:(Put|Update|Delete)Item$/.test(action))) continue;
        expect(Condition).toMatchObject({
          'ForAllValues:StringEquals': { 'dynamodb:Attributes': expect.anything() },
          Null: { 'dynamodb:EnclosingOperation': 'true' },
        });
        const isCounter = Resource === '<QuotaTable.Arn>' && !JSON.stringify(Condition).includes('again/*');
        const counts = isCounter || `${Action} ${Resource}` === COUNT_ATTEMPT;
        const returns = counts ? ['NONE', 'UPDATED_NEW'] : ['NONE'];
        expect(Condition).toMatchObject({ StringEqualsIfExists: { 'dynamodb:ReturnValues': returns } });
      }
    }
  });

  test('second chances are put and counted by functions that redeem, read by those of pages, and ended by renewals', () => {
    const reach = functions.flatMap((name) =>
      statementsOf(name)
        .filter(({ Condition }) => JSON.stringify(Condition ?? {}).includes('again/'))
        .map(({ Action, Resource, Condition }) => {
          expect(Resource).toBe('<QuotaTable.Arn>');
          expect(Condition?.['ForAllValues:StringLike']).toEqual({ 'dynamodb:LeadingKeys': ['again/*'] });
          return `${name} ${Action}`;
        }),
    );
    const redeeming = (name: string) =>
      ['GetItem', 'PutItem', 'UpdateItem'].map((action) => `${name} dynamodb:${action}`);
    expect(reach.toSorted()).toEqual([
      'collection dynamodb:GetItem',
      'pages dynamodb:GetItem',
      ...redeeming('redeem'),
      'renewals dynamodb:UpdateItem',
      ...['stream', 'watermark', 'zip'].flatMap(redeeming),
    ]);
    expect(JSON.stringify(templateOf({ senderEmail: SENDER, watermarks: 'on' }))).not.toContain('again/');
  });

  test("only links can put records of API links, and the form's functions can put only records of form links", () => {
    const keys = functions.flatMap((name) =>
      statementsOf(name)
        .filter(({ Action, Resource }) => Action === 'dynamodb:PutItem' && Resource === '<TokenTable.Arn>')
        .map(({ Condition }) => [name, Condition?.['ForAllValues:StringLike']]),
    );
    expect(keys).toEqual([
      ['mint', { 'dynamodb:LeadingKeys': [`${CHANNEL_DIGITS.form}*`] }],
      ['links', { 'dynamodb:LeadingKeys': [`${CHANNEL_DIGITS.api}*`] }],
      ['renewals', { 'dynamodb:LeadingKeys': [`${CHANNEL_DIGITS.form}*`] }],
    ]);
  });

  test('mail goes only to allowedRecipients, if the operator has set them', () => {
    const allowedRecipients = ['Ada@example.org', 'example.com'];
    const role = resource(templateOf({ senderEmail: SENDER, allowedRecipients }), 'MailRole').Properties;
    const [{ PolicyDocument }] = role.Policies as [{ PolicyDocument: { Statement: Statement[] } }];
    const sending = PolicyDocument.Statement.filter(({ Action }) => Action === 'ses:SendEmail');
    expect(sending.map(({ Condition }) => Condition)).toEqual([
      {
        StringEquals: { 'ses:FromAddress': SENDER },
        'ForAllValues:StringEqualsIgnoreCase': { 'ses:Recipients': ['Ada@example.org'] },
        Null: { 'ses:Recipients': 'false' },
      },
      {
        StringEquals: { 'ses:FromAddress': SENDER },
        'ForAllValues:StringLike': { 'ses:Recipients': ['*@example.com', '*@*.example.com'] },
        Null: { 'ses:Recipients': 'false' },
      },
    ]);
  });

  test('mint cannot sign', () => {
    expect(rightsOf('mint').filter((right) => right.includes('SigningKey'))).toEqual([]);
  });

  test('only functions that record what concerns an address, count a source, name a request, or know presence codes, use the key of pseudonyms', () => {
    const able = everyRight().filter(({ right }) => right.includes('PseudonymKey'));
    expect(able.map(({ name }) => name)).toEqual([
      'mint',
      'challenges',
      'redeem',
      'stream',
      'links',
      'renewals',
      'bounces',
      'uploads',
      'invites',
      'receive',
      'watermark',
      'zip',
    ]);
  });

  test('redemptions can change nothing of a record but its attempts, and nobody else can change anything', () => {
    const changing = functions.flatMap((name) =>
      statementsOf(name)
        .filter(({ Action, Resource }) => Action === 'dynamodb:UpdateItem' && Resource === '<TokenTable.Arn>')
        .map(({ Condition }) => [name, Condition?.['ForAllValues:StringEquals']]),
    );
    const attempts = { 'dynamodb:Attributes': ['tokenId', 'codeAttempts'] };
    expect(changing).toEqual([
      ['redeem', attempts],
      ['stream', attempts],
      ['watermark', attempts],
      ['zip', attempts],
    ]);
  });

  test('no function can change or delete a receipt, a ledger entry, or the history of an upload', () => {
    const changing = /^dynamodb:(UpdateItem|DeleteItem|BatchWriteItem|PartiQL\w+|\*) /;
    const kept = /ReceiptTable|LedgerTable|UploadHistoryTable/;
    expect(everyRight().filter(({ right }) => changing.test(right) && kept.test(right))).toEqual([]);
  });

  const PUBLIC: readonly FunctionName[] = ['mint', 'renewals'];
  const OPENED_BY_LINKS = ['gated/*', 'private/*', 'uploads/*'];
  const LISTED: Partial<Record<FunctionName, readonly string[]>> = {
    mint: ['gated/*'],
    renewals: ['gated/*'],
    links: OPENED_BY_LINKS,
    redeem: OPENED_BY_LINKS,
    stream: OPENED_BY_LINKS,
    watermark: OPENED_BY_LINKS,
    zip: ['gated/*', 'private/*'],
    finalize: ['uploads/*'],
    submit: ['uploads/*'],
  };

  test('no function can read or list files outside the prefixes of files on offer and of uploads', () => {
    const beyond = everyRight().filter(
      ({ right }) => /^s3:Get/.test(right) && !/<FileBucket.Arn>\/(gated|private|uploads)\/\*$/.test(right),
    );
    expect(beyond).toEqual([]);
    for (const name of functions) {
      for (const { Action, Condition } of statementsOf(name)) {
        if (listed(Action).includes('s3:ListBucket')) {
          expect(Condition).toEqual({ StringLikeIfExists: { 's3:prefix': LISTED[name] } });
        }
        if (listed(Action).includes('s3:ListBucketVersions')) {
          expect(Condition).toEqual({ StringLike: { 's3:prefix': 'uploads/*' } });
        }
      }
    }
  });

  test.each(PUBLIC)(
    '%s, which serves the public form, can see neither a private file nor an upload',
    (name) => {
      expect(rightsOf(name).filter((right) => /private|uploads/i.test(right))).toEqual([]);
    },
  );

  test('no function can change files on offer, and each kind of change to uploads has its own functions', () => {
    const changing = /^s3:(Put|Delete|Abort|Restore|Replicate|Bypass|\*)/;
    const able = everyRight().filter(({ right }) => changing.test(right));
    expect(able.filter(({ right }) => !right.endsWith(UPLOADS))).toEqual([]);
    const byAction = Map.groupBy(able, ({ right }) => right.split(' ')[0]);
    const names = [...byAction].map(([action, all]) => [action, all.map(({ name }) => name)]);
    expect(Object.fromEntries(names)).toEqual({
      's3:PutObject': ['uploads', 'finalize', 'receive', 'submit'],
      's3:DeleteObjectVersion': ['verdicts', 'sweep'],
      's3:AbortMultipartUpload': ['sweep'],
      's3:PutObjectVersionTagging': ['reviews'],
    });
  });

  test('no function that takes uploads can read them, except the two that check them', () => {
    const reading = everyRight().filter(({ right }) => /^s3:GetObject(Version)? .*uploads/.test(right));
    const names = [...new Set(reading.map(({ name }) => name))];
    expect(names).toEqual(['redeem', 'stream', 'links', 'finalize', 'objects', 'submit', 'watermark']);
  });

  test('no action is a wildcard, and resources are wildcards only for files, the pinned sender, scans, lists of streams, and traces', () => {
    const wild = everyRight().filter(({ right }) => right.includes('*'));
    const explained =
      /\/(gated|private|uploads)\/\*$|^ses:SendEmail |^(xray:Put\w+|guardduty:SendObjectMalwareScan|dynamodb:ListStreams) \*$/;
    expect(wild.filter(({ right }) => !explained.test(right))).toEqual([]);
  });

  test('mail comes from the configured address only', () => {
    const sending = statementsOf('mail').filter(({ Action }) => listed(Action).includes('ses:SendEmail'));
    expect(sending).toHaveLength(1);
    expect(sending[0]?.Condition).toEqual({ StringEquals: { 'ses:FromAddress': SENDER } });
  });

  test('the data key works only through the services that store the data, and the HMAC keys only for SHA-256', () => {
    for (const name of functions) {
      for (const { Action, Condition } of statementsOf(name)) {
        const actions = listed(Action).filter((action) => action.startsWith('kms:'));
        if (actions.length === 0) continue;
        if (actions.includes('kms:GenerateMac')) {
          expect(Condition).toEqual({ StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' } });
        } else {
          const via = expect.stringMatching(/^(dynamodb|s3|sqs)\.<AWS::Region>\.amazonaws\.com$/);
          expect(Condition).toEqual({ StringEquals: { 'kms:ViaService': via } });
        }
      }
    }
  });

  test('bounces can neither send, sign, nor read a file', () => {
    const beyond = /^(ses|s3):|^sqs:Send|SigningKey|MailQueue/;
    expect(rightsOf('bounces').filter((right) => beyond.test(right))).toEqual([]);
  });

  const account = {
    Action: 'kms:*',
    Effect: 'Allow',
    Principal: { AWS: 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root' },
    Resource: '*',
  };
  const grantsOf = (key: string) =>
    inWords((resource(template, key).Properties.KeyPolicy as { Statement: unknown[] }).Statement);

  test.each(['DataKey', 'SigningKey', 'PseudonymKey'])(
    'the policy of %s admits the account and nobody else',
    (key) => {
      expect(grantsOf(key)).toEqual([account]);
    },
  );

  test('the notice key admits CloudWatch for this account only, and EventBridge without a condition', () => {
    const use = { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: '*' };
    expect(grantsOf('NoticeKey')).toEqual([
      account,
      {
        ...use,
        Sid: 'PassOnAlarms',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
      },
      { ...use, Sid: 'PassOnEvents', Principal: { Service: 'events.amazonaws.com' } },
    ]);
    expect(resourcesOf(template, 'AWS::KMS::Key')).toHaveLength(4);
  });
});
