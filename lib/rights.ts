import { Aws } from 'aws-cdk-lib';
import { type Condition, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { FunctionName } from '../lambda/environment.ts';
import { OFFERED_PREFIXES, PUBLIC_PREFIX } from './constructs/file-store.ts';
import type { MailSender } from './constructs/mail-sender.ts';
import { LEDGER_INDEXES } from './constructs/token-store.ts';
import type { Parts } from './environments.ts';
import { API_LINKS, ATTRIBUTES, allowRead, allowWrite, FORM_LINKS } from './table-rights.ts';

/*
 * What each function may do: exactly the calls that it makes. A right that is not listed here does not exist. Test
 * names in test/infra/rights.test.ts say what must never be added.
 */

/** Returns the rights of every function, except for writing its own logs and traces. */
export function rightsOf({
  config,
  keys,
  store: { tokens, receipts, ledger, quota, plans },
  files: { bucket },
  mail: { queue },
  feedback,
  sender,
}: Omit<Parts, 'api'>): Readonly<Record<FunctionName, readonly PolicyStatement[]>> {
  const dataKey = keys.data;

  const put = (
    table: { readonly tableArn: string },
    attributes: readonly string[],
    links?: readonly string[],
  ) =>
    allowWrite({
      action: 'dynamodb:PutItem',
      tableArn: table.tableArn,
      attributes,
      ...(links && { keys: links }),
    });
  const readTokenAndReceipt = allow(['dynamodb:BatchGetItem'], [tokens.tableArn, receipts.tableArn]);
  const readHistory = allow(['dynamodb:Query'], [ledger.tableArn]);
  const endToken = (receipt: readonly string[], line: readonly string[]) => [
    put(receipts, receipt),
    allow(['dynamodb:GetItem'], [receipts.tableArn]),
    allowWrite({ action: 'dynamodb:DeleteItem', tableArn: tokens.tableArn, attributes: ['tokenId'] }),
    put(ledger, line),
  ];
  const count = (counters: readonly string[]) => [
    allowRead(quota.tableArn, counters),
    allowWrite({
      action: 'dynamodb:UpdateItem',
      tableArn: quota.tableArn,
      attributes: ATTRIBUTES.counter,
      keys: counters,
      returns: ['NONE', 'UPDATED_NEW'],
    }),
  ];
  const sign = generateMac(keys.signing);
  const readTables = through('dynamodb', dataKey, READ_ENCRYPTED);
  const writeTables = through('dynamodb', dataKey, WRITE_ENCRYPTED);

  const objectsUnder = (prefixes: readonly string[]) =>
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));
  const head = (prefixes: readonly string[]) => [
    // Amazon S3 has no separate right for HEAD. Without the right to list, a missing key is a 403. Whether that check
    // sees the key as a prefix or sees none is not documented, so a list without a prefix is allowed.
    allow(['s3:GetObject'], objectsUnder(prefixes)),
    allow(['s3:ListBucket'], [bucket.bucketArn], {
      StringLikeIfExists: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) },
    }),
    // A HEAD that asks for the checksum needs the key as well.
    through('s3', dataKey, ['kms:Decrypt']),
  ];
  const queueMail = [
    allow(['sqs:SendMessage'], [queue.queueArn]),
    through('sqs', dataKey, ['kms:GenerateDataKey', 'kms:Decrypt']),
  ];
  const redeem = [
    readTokenAndReceipt,
    writeTables,
    ...head(OFFERED_PREFIXES),
    // A presigned URL carries its signer's rights and names a version, and so does a resumed read.
    allow(['s3:GetObjectVersion'], objectsUnder(OFFERED_PREFIXES)),
    sign,
    // The issuer may want to be told. Only ids can be queued: another function sends the mail.
    ...queueMail,
  ];
  const requestLink = [
    ...count(FORM_COUNTERS),
    put(tokens, ATTRIBUTES.formRecord, FORM_LINKS),
    put(ledger, ATTRIBUTES.formIssued, FORM_LINKS),
    writeTables,
    ...head([PUBLIC_PREFIX]),
    generateMac(keys.pseudonym),
    ...queueMail,
  ];

  return {
    mint: requestLink,
    mail: [
      consume(queue),
      through('sqs', dataKey, ['kms:Decrypt']),
      readTokenAndReceipt,
      readHistory,
      // It records in the ledger what it has mailed, and writes to no token table: a function that can sign must not
      // make records.
      put(ledger, ATTRIBUTES.mailed),
      ...count(PROGRAM_COUNTERS),
      writeTables,
      sign,
      ...sendMailAs(sender, config.allowedRecipients),
    ],
    pages: [readTokenAndReceipt, readTables, sign],
    redeem: [...endToken(ATTRIBUTES.redeemed, ATTRIBUTES.ended), ...redeem],
    stream: [...endToken(ATTRIBUTES.redeemed, ATTRIBUTES.delivered), ...count(STREAM_COUNTER), ...redeem],
    links: [
      put(tokens, ATTRIBUTES.apiRecord, API_LINKS),
      put(ledger, ATTRIBUTES.apiIssued, API_LINKS),
      readTokenAndReceipt,
      ...endToken(ATTRIBUTES.revoked, ATTRIBUTES.ended),
      allow(['dynamodb:GetItem'], [plans.tableArn]),
      put(plans, ATTRIBUTES.plan),
      allowWrite({
        action: 'dynamodb:UpdateItem',
        tableArn: plans.tableArn,
        attributes: ['requestName', 'issuedAt', 'carriedOut'],
      }),
      allow(
        ['dynamodb:Query'],
        [ledger.tableArn, ...LEDGER_INDEXES.map((index) => `${ledger.tableArn}/index/${index.name}`)],
      ),
      ...count(PROGRAM_COUNTERS),
      writeTables,
      ...head(OFFERED_PREFIXES),
      sign,
      generateMac(keys.pseudonym),
      ...queueMail,
    ],
    bounces: [
      consume(feedback.queue),
      through('sqs', keys.notice, ['kms:Decrypt']),
      readTokenAndReceipt,
      ...endToken(ATTRIBUTES.revoked, ATTRIBUTES.bounced),
      readHistory,
      writeTables,
      generateMac(keys.pseudonym),
    ],
    renewals: [
      ...requestLink,
      readTokenAndReceipt,
      readHistory,
      // Anyone who redeemed an API link may report it too.
      put(ledger, ATTRIBUTES.reported),
      sign,
    ],
  };
}

/** Lists the counters of each function, by name prefix (lambda/domain/quota-rules.ts). */
const FORM_COUNTERS = ['source*', 'cooldown/*', 'address*', 'form-*'];
const PROGRAM_COUNTERS = ['caller-mails/*', 'program-mails'];
const STREAM_COUNTER = ['streams/*'];

function allow(
  actions: string[],
  resources: string[],
  conditions?: Record<string, Condition>,
): PolicyStatement {
  return new PolicyStatement({ actions, resources, ...(conditions && { conditions }) });
}

/** Lists the calls that DynamoDB makes with a table's key on behalf of a reader, or also of a writer. */
const READ_ENCRYPTED = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_ENCRYPTED = [
  ...READ_ENCRYPTED,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** Allows the data key only through the service that keeps the data (AWS KMS Developer Guide, "kms:ViaService"). */
function through(service: 'dynamodb' | 's3' | 'sqs', key: IKey, actions: string[]): PolicyStatement {
  return allow(actions, [key.keyArn], {
    StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` },
  });
}

/** Allows what Lambda does with a queue on behalf of its consumer. */
function consume({ queueArn }: IQueue): PolicyStatement {
  return allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn]);
}

function generateMac(key: IKey): PolicyStatement {
  return allow(['kms:GenerateMac'], [key.keyArn], {
    StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' },
  });
}

/**
 * Allows mail from one sender address under one configuration set, to no recipients but those that the operator allows.
 * The identities are not named: in the SES sandbox the right is required on the recipient's identity as well as on the
 * sender's, so the sender address is what is pinned.
 */
function sendMailAs(
  { address, configurationSetArn }: MailSender,
  allowedRecipients: readonly string[],
): readonly PolicyStatement[] {
  const identities = `arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}:identity/*`;
  const send = (recipients?: Record<string, Condition>) =>
    allow(['ses:SendEmail'], [identities, configurationSetArn], {
      StringEquals: { 'ses:FromAddress': address },
      // A condition on all recipients also holds if there are none.
      ...(recipients && { ...recipients, Null: { 'ses:Recipients': 'false' } }),
    });
  if (allowedRecipients.length === 0) return [send()];
  const addresses = allowedRecipients.filter((each) => each.includes('@'));
  const domains = allowedRecipients.filter((each) => !each.includes('@'));
  // Conditions of one statement must all hold, so addresses and domains get a statement each.
  return [
    ...(addresses.length > 0
      ? [send({ 'ForAllValues:StringEqualsIgnoreCase': { 'ses:Recipients': addresses } })]
      : []),
    ...(domains.length > 0
      ? [
          send({
            'ForAllValues:StringLike': {
              'ses:Recipients': domains.flatMap((each) => [`*@${each}`, `*@*.${each}`]),
            },
          }),
        ]
      : []),
  ];
}
