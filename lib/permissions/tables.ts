import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Parts } from '../capability.ts';
import { allow, through } from './statements.ts';

/*
 * Permissions on tables, by attribute. IAM conditions can check the names of attributes and the value of the partition
 * key, but no other values (Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access
 * control").
 */

/** Attributes of every ledger entry. */
export const LEDGER_ENTRY = ['tokenId', 'timeEvent', 'event', 'asset', 'pseudonym', 'removeAt'];

/** Attributes of every `issued` entry. */
export const ISSUED_ENTRY = [
  ...LEDGER_ENTRY,
  ...['issuedMonth', 'issuedBy', 'expiresAt', 'open', 'delivery', 'fileName', 'size', 'address', 'language'],
];

/** Attributes of every record of a live token. */
export const RECORD = [
  ...['tokenId', 'asset', 'issuedBy', 'issuedAt', 'keyEpoch', 'expiresAt'],
  ...['open', 'delivery', 'recipient', 'language'],
];

const RECEIPT = ['tokenId', 'kind', 'at', 'redemptionId', 'asset', 'issuedBy', 'callerId', 'removeAt'];

export const REDEEMED_RECEIPT = [...RECEIPT, 'sourceAddress', 'userAgent'];
export const REVOKED_RECEIPT = [...RECEIPT, 'revokedBy'];

const COUNTER = ['counter', 'hits', 'expiresAt', 'takenBy'];

/** Counters of IAM callers, by name prefix (lambda/domain/quota-rules.ts). */
export const PROGRAM_COUNTERS = ['caller-mails/*', 'program-mails'];

type Store = Parts['store'];
type TableArn = { readonly tableArn: string };

/** Allows putting rows. Calls may name only these attributes, in items, expressions, and conditions. */
export function put(
  { tableArn }: TableArn,
  attributes: readonly string[],
  keys?: readonly string[],
): PolicyStatement {
  return write('dynamodb:PutItem', tableArn, { attributes, ...(keys && { keys }) });
}

/** Allows changing rows in place. */
export function update(
  { tableArn }: TableArn,
  attributes: readonly string[],
  keys?: readonly string[],
): PolicyStatement {
  return write('dynamodb:UpdateItem', tableArn, { attributes, ...(keys && { keys }) });
}

export function readTokenAndReceipt({ tokens, receipts }: Store): PolicyStatement {
  return allow(['dynamodb:BatchGetItem'], [tokens.tableArn, receipts.tableArn]);
}

export function readHistory({ ledger }: Store): PolicyStatement {
  return allow(['dynamodb:Query'], [ledger.tableArn]);
}

/** Allows ending tokens. The receipt and the ledger entry can contain only these attributes. */
export function endToken(
  { tokens, receipts, ledger }: Store,
  receipt: readonly string[],
  entry: readonly string[],
): readonly PolicyStatement[] {
  return [
    put(receipts, receipt),
    allow(['dynamodb:GetItem'], [receipts.tableArn]),
    write('dynamodb:DeleteItem', tokens.tableArn, { attributes: ['tokenId'] }),
    put(ledger, entry),
  ];
}

/** Returns the attribute of records that require a presence code, or nothing if the options turn presence codes off. */
export function codeTerms({ config }: Parts): readonly string[] {
  return config.presenceCode === 'on' ? ['presenceCode'] : [];
}

/**
 * Allows counting attempts at presence codes, and ending links after too many. The condition of the write must not name
 * an attribute that nobody may change, because IAM does not distinguish attributes in conditions from written ones.
 */
export function countAttempts({ tokens, receipts }: Store): readonly PolicyStatement[] {
  return [
    write('dynamodb:UpdateItem', tokens.tableArn, {
      attributes: ['tokenId', 'codeAttempts'],
      returns: ['NONE', 'UPDATED_NEW'],
    }),
    put(receipts, REVOKED_RECEIPT),
  ];
}

/** Allows reading and changing these counters. */
export function count(store: Store, counters: readonly string[]): readonly PolicyStatement[] {
  return [look(store, counters), changeCount(store, counters)];
}

/** Allows reading these counters. */
export function look({ quota }: Store, counters: readonly string[]): PolicyStatement {
  return allow(['dynamodb:GetItem'], [quota.tableArn], leadingKeys(counters));
}

/** Allows changing these counters without reading them, as a refund does. */
export function changeCount({ quota }: Store, counters: readonly string[]): PolicyStatement {
  return write('dynamodb:UpdateItem', quota.tableArn, {
    attributes: COUNTER,
    keys: counters,
    returns: ['NONE', 'UPDATED_NEW'],
  });
}

/** Calls that DynamoDB makes with a table's key on behalf of a reader. For a writer, it makes more calls. */
const READ_ENCRYPTED = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_ENCRYPTED = [
  ...READ_ENCRYPTED,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** Allows DynamoDB to use the data key for a function that only reads. */
export function readEncrypted({ data }: Parts['keys']): PolicyStatement {
  return through('dynamodb', data, READ_ENCRYPTED);
}

/** Allows DynamoDB to use the data key for a function that also writes. */
export function writeEncrypted({ data }: Parts['keys']): PolicyStatement {
  return through('dynamodb', data, WRITE_ENCRYPTED);
}

interface Write {
  readonly attributes: readonly string[];
  /** Patterns of the partition key. @default any key */
  readonly keys?: readonly string[];
  /** What the response may contain. @default nothing, so that no write returns the previous values */
  readonly returns?: readonly string[];
}

function write(
  action: 'dynamodb:PutItem' | 'dynamodb:UpdateItem' | 'dynamodb:DeleteItem',
  tableArn: string,
  { attributes, keys, returns = ['NONE'] }: Write,
): PolicyStatement {
  return new PolicyStatement({
    actions: [action],
    resources: [tableArn],
    conditions: {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
      ...(keys && leadingKeys(keys)),
      StringEqualsIfExists: { 'dynamodb:ReturnValues': [...returns] },
      // Excludes transactions. No code uses any, and AWS does not document how conditions apply to their parts.
      Null: { 'dynamodb:EnclosingOperation': 'true' },
    },
  });
}

function leadingKeys(keys: readonly string[]) {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...keys] } };
}
