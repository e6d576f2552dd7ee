import { Aws } from 'aws-cdk-lib';
import { type Condition, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { FunctionName } from '../lambda/environment.ts';
import { OFFERED_PREFIXES, PUBLIC_PREFIX } from './constructs/file-store.ts';
import type { MailSender } from './constructs/mail-sender.ts';
import { LEDGER_INDEXES } from './constructs/token-store.ts';
import type { Parts } from './environments.ts';

/*
 * What each function may do: exactly the calls that it makes. A right that is not written here does not exist; test
 * names in test/infra/rights.test.ts say what must never be added.
 */

/** The rights of every function, but for writing its own log and traces. */
export function rightsOf({
  keys,
  store: { tokens, receipts, ledger, quota, plans },
  files: { bucket },
  mail: { queue },
  feedback,
  sender,
}: Omit<Parts, 'config' | 'api'>): Readonly<Record<FunctionName, readonly PolicyStatement[]>> {
  const dataKey = keys.data;

  const readTokenAndReceipt = allow(['dynamodb:BatchGetItem'], [tokens.tableArn, receipts.tableArn]);
  const putToken = allow(['dynamodb:PutItem'], [tokens.tableArn]);
  const appendToLedger = allow(['dynamodb:PutItem'], [ledger.tableArn]);
  const endToken = [
    allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [receipts.tableArn]),
    allow(['dynamodb:DeleteItem'], [tokens.tableArn]),
    appendToLedger,
  ];
  const sign = generateMac(keys.signing);
  const readTables = through('dynamodb', dataKey, READ_ENCRYPTED);
  const writeTables = through('dynamodb', dataKey, WRITE_ENCRYPTED);

  const objectsUnder = (prefixes: readonly string[]) =>
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`));
  const head = (prefixes: readonly string[]) => [
    // Amazon S3 has no right of its own for HEAD. Without the right to list, a missing key is a 403; whether that
    // check sees the key as a prefix or sees none is not documented, so a list without a prefix is let through.
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
  const countMails = allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [quota.tableArn]);
  const redeem = [
    readTokenAndReceipt,
    ...endToken,
    writeTables,
    ...head(OFFERED_PREFIXES),
    // A presigned URL carries its signer's rights, and names a version; so does a reading that is taken up again.
    allow(['s3:GetObjectVersion'], objectsUnder(OFFERED_PREFIXES)),
    sign,
    // The issuer may want to be told. An id is all that can be sent: the mail is another function's.
    ...queueMail,
  ];
  const requestLink = [
    countMails,
    putToken,
    appendToLedger,
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
      allow(['dynamodb:UpdateItem'], [tokens.tableArn]),
      appendToLedger,
      writeTables,
      sign,
      sendMailAs(sender),
    ],
    pages: [readTokenAndReceipt, readTables, sign],
    redeem,
    stream: redeem,
    links: [
      putToken,
      readTokenAndReceipt,
      ...endToken,
      allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [plans.tableArn]),
      allow(
        ['dynamodb:Query'],
        [ledger.tableArn, ...LEDGER_INDEXES.map((index) => `${ledger.tableArn}/index/${index.name}`)],
      ),
      countMails,
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
      ...endToken,
      allow(['dynamodb:Query'], [ledger.tableArn]),
      writeTables,
      generateMac(keys.pseudonym),
    ],
    aftercare: [...requestLink, readTokenAndReceipt, allow(['dynamodb:Query'], [ledger.tableArn]), sign],
  };
}

function allow(
  actions: string[],
  resources: string[],
  conditions?: Record<string, Condition>,
): PolicyStatement {
  return new PolicyStatement({ actions, resources, ...(conditions && { conditions }) });
}

/** What DynamoDB does with a table's key in the name of whoever reads it, or writes too. */
const READ_ENCRYPTED = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_ENCRYPTED = [
  ...READ_ENCRYPTED,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** The data key, only ever through the service that keeps the data (AWS KMS Developer Guide, "kms:ViaService"). */
function through(service: 'dynamodb' | 's3' | 'sqs', key: IKey, actions: string[]): PolicyStatement {
  return allow(actions, [key.keyArn], {
    StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` },
  });
}

/** What Lambda does with a queue in the name of its consumer. */
function consume({ queueArn }: IQueue): PolicyStatement {
  return allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn]);
}

function generateMac(key: IKey): PolicyStatement {
  return allow(['kms:GenerateMac'], [key.keyArn], {
    StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' },
  });
}

/**
 * One sender address under one configuration set. The identities are not named: in the SES sandbox the right is asked
 * for on the recipient's identity as well as on the sender's, so the address from which mail goes is what is pinned.
 */
function sendMailAs({ address, configurationSetArn }: MailSender): PolicyStatement {
  const identities = `arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}:identity/*`;
  return allow(['ses:SendEmail'], [identities, configurationSetArn], {
    StringEquals: { 'ses:FromAddress': address },
  });
}
