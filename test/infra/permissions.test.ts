import { describe, expect, test } from '@jest/globals';
import { CHANNEL_DIGITS } from '../../lambda/domain/ids.ts';
import { type FunctionName, functionNames as functions } from '../../lib/capabilities.ts';
import {
  everyPermission,
  listed,
  permissionsOf,
  type Statement,
  statementsOf,
  template,
} from './permissions.ts';
import { inWords, resource, resourcesOf, SENDER, templateOf } from './template.ts';

const UPLOADS = '<FileBucket.Arn>/uploads/*';
const COUNT_ATTEMPT = 'dynamodb:UpdateItem <TokenTable.Arn>';

describe('the permissions of functions:', () => {
  test('no separate policy grants permissions', () => {
    expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual([]);
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('the pages function cannot write', () => {
    const reading =
      /^(dynamodb:(BatchGetItem|GetItem)|kms:(Decrypt|DescribeKey|GenerateMac)|(logs|xray):\w+) /;
    expect(permissionsOf('pages').filter((permission) => !reading.test(permission))).toEqual([]);
  });

  test.each(['redeem', 'stream', 'watermark', 'zip'] as const)(
    'the %s function cannot send mail, but can queue a notice',
    (name) => {
      expect(permissionsOf(name).filter((permission) => /^(ses|sqs):/.test(permission))).toEqual([
        'sqs:SendMessage <MailQueue.Arn>',
      ]);
    },
  );

  test('the mail function, which can sign, cannot access the bucket or write to the token table', () => {
    const writing = /^dynamodb:(Put|Update|Delete)Item <TokenTable/;
    expect(
      permissionsOf('mail').filter((permission) => permission.startsWith('s3:') || writing.test(permission)),
    ).toEqual([]);
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

  test('second chances are written and counted by functions that redeem, read by pages and collection, and ended by renewals', () => {
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

  test("only the links function can put records of API links, and the form's functions can put only records of form links", () => {
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

  test('the mail function can send only to allowedRecipients, if there are any', () => {
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

  test('the mint function cannot sign', () => {
    expect(permissionsOf('mint').filter((permission) => permission.includes('SigningKey'))).toEqual([]);
  });

  test('only functions that hash addresses, sources, or idempotency keys, or that check presence codes, can use the pseudonym key', () => {
    const able = everyPermission().filter(({ permission }) => permission.includes('PseudonymKey'));
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

  test('functions that redeem can change only the attempts of a record, and no other function can change records', () => {
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
    expect(
      everyPermission().filter(({ permission }) => changing.test(permission) && kept.test(permission)),
    ).toEqual([]);
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

  test('no function can read or list files outside the prefixes for offered files and uploads', () => {
    const beyond = everyPermission().filter(
      ({ permission }) =>
        /^s3:Get/.test(permission) && !/<FileBucket.Arn>\/(gated|private|uploads)\/\*$/.test(permission),
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

  test.each(PUBLIC)('%s, which serves the public form, cannot access private files or uploads', (name) => {
    expect(permissionsOf(name).filter((permission) => /private|uploads/i.test(permission))).toEqual([]);
  });

  test('no function can change offered files, and each way of changing uploads is limited to a few functions', () => {
    const changing = /^s3:(Put|Delete|Abort|Restore|Replicate|Bypass|\*)/;
    const able = everyPermission().filter(({ permission }) => changing.test(permission));
    expect(able.filter(({ permission }) => !permission.endsWith(UPLOADS))).toEqual([]);
    const byAction = Map.groupBy(able, ({ permission }) => permission.split(' ')[0]);
    const names = [...byAction].map(([action, all]) => [action, all.map(({ name }) => name)]);
    expect(Object.fromEntries(names)).toEqual({
      's3:PutObject': ['uploads', 'finalize', 'receive', 'submit'],
      's3:DeleteObjectVersion': ['verdicts', 'sweep'],
      's3:AbortMultipartUpload': ['sweep'],
      's3:PutObjectVersionTagging': ['reviews'],
    });
  });

  test('no function that accepts uploads can read them, except the two that check them', () => {
    const reading = everyPermission().filter(({ permission }) =>
      /^s3:GetObject(Version)? .*uploads/.test(permission),
    );
    const names = [...new Set(reading.map(({ name }) => name))];
    expect(names).toEqual(['redeem', 'stream', 'links', 'finalize', 'objects', 'submit', 'watermark']);
  });

  test('no action contains a wildcard, and only resources for files, sending mail, scans, stream lists, and traces do', () => {
    const wild = everyPermission().filter(({ permission }) => permission.includes('*'));
    const explained =
      /\/(gated|private|uploads)\/\*$|^ses:SendEmail |^(xray:Put\w+|guardduty:SendObjectMalwareScan|dynamodb:ListStreams) \*$/;
    expect(wild.filter(({ permission }) => !explained.test(permission))).toEqual([]);
  });

  test('the mail function can send only from the configured address', () => {
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

  test('the bounces function cannot send mail, sign, or read files', () => {
    const beyond = /^(ses|s3):|^sqs:Send|SigningKey|MailQueue/;
    expect(permissionsOf('bounces').filter((permission) => beyond.test(permission))).toEqual([]);
  });

  const account = {
    Action: 'kms:*',
    Effect: 'Allow',
    Principal: { AWS: 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root' },
    Resource: '*',
  };
  const grantsOf = (key: string) =>
    inWords((resource(template, key).Properties.KeyPolicy as { Statement: unknown[] }).Statement);

  test.each(['DataKey', 'SigningKey', 'PseudonymKey'])('the policy of %s admits only the account', (key) => {
    expect(grantsOf(key)).toEqual([account]);
  });

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
