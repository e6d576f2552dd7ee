import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/*
 * What functions may write, attribute by attribute. IAM sees the names of attributes and the partition key, and no
 * other values (Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control").
 */

/** Lists the partition keys of the form's links, and of the API's: `CHANNEL_DIGITS` in lambda/domain/ids.ts. */
export const FORM_LINKS = ['f*'];
export const API_LINKS = ['a*'];

const LINE = ['tokenId', 'timeEvent', 'event', 'asset', 'pseudonym', 'removeAt'];
const TERMS = [
  'issuedMonth',
  'issuedBy',
  'expiresAt',
  'open',
  'delivery',
  'fileName',
  'size',
  'address',
  'language',
];
const RECORD = [
  ...['tokenId', 'asset', 'issuedBy', 'issuedAt', 'keyEpoch', 'expiresAt'],
  ...['open', 'delivery', 'recipient', 'language'],
];
const RECEIPT = ['tokenId', 'kind', 'at', 'redemptionId', 'asset', 'issuedBy', 'callerId', 'removeAt'];

/** Lists the attributes that a row may be written with, by what the row says. */
export const ATTRIBUTES = {
  formRecord: RECORD,
  apiRecord: [...RECORD, 'callerId', 'allowedCidrs', 'wantsNotice', 'seal'],
  redeemed: [...RECEIPT, 'sourceAddress', 'userAgent'],
  revoked: [...RECEIPT, 'revokedBy'],
  formIssued: [...LINE, ...TERMS, 'reason'],
  apiIssued: [...LINE, ...TERMS, 'callerId', 'allowedCidrs', 'note', 'notify'],
  ended: [...LINE, 'redemptionId'],
  delivered: [...LINE, 'redemptionId', 'bytes'],
  mailed: [...LINE, 'reason'],
  bounced: [...LINE, 'redemptionId', 'bounce'],
  reported: LINE,
  plan: ['requestName', 'tokenIds', 'issuedAt', 'expiresAt', 'asset', 'digest', 'carriedOut', 'removeAt'],
  counter: ['counter', 'hits', 'expiresAt', 'takenBy'],
} as const satisfies Record<string, readonly string[]>;

export interface Write {
  readonly action: 'dynamodb:PutItem' | 'dynamodb:UpdateItem' | 'dynamodb:DeleteItem';
  readonly tableArn: string;
  /** Every attribute that the call may name, in items, expressions and conditions. */
  readonly attributes: readonly string[];
  /** Patterns of the partition key; any key is allowed if left out. */
  readonly keys?: readonly string[];
  /** What the answer may hold. @default nothing, so that no write reads what was there before */
  readonly returns?: readonly string[];
}

/** Allows one kind of write to one table. */
export function allowWrite({
  action,
  tableArn,
  attributes,
  keys,
  returns = ['NONE'],
}: Write): PolicyStatement {
  return new PolicyStatement({
    actions: [action],
    resources: [tableArn],
    conditions: {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] },
      ...(keys && leadingKeys(keys)),
      StringEqualsIfExists: { 'dynamodb:ReturnValues': [...returns] },
      // Not part of a transaction: nothing here uses one, and what conditions see of its parts is not documented.
      Null: { 'dynamodb:EnclosingOperation': 'true' },
    },
  });
}

/** Allows reading the rows under some partition keys. */
export function allowRead(tableArn: string, keys: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ['dynamodb:GetItem'],
    resources: [tableArn],
    conditions: leadingKeys(keys),
  });
}

function leadingKeys(keys: readonly string[]) {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...keys] } };
}
