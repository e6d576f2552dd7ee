/*
 * A baseline: the leanest function that redeems a form link. It makes the same AWS calls as lambda/entry/redeem.ts. It
 * checks the signature, the expiry, the record, and the receipt, but nothing else, and writes no logs or metrics.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { call, presign, send } from './aws.ts';

const {
  TOKEN_TABLE = '',
  RECEIPT_TABLE = '',
  LEDGER_TABLE = '',
  FILE_BUCKET = '',
  SIGNING_KEY_ID,
} = process.env;

const key = await monthKey();

export async function handler(event: {
  readonly body: string;
  readonly requestContext: {
    readonly identity: { readonly sourceIp: string; readonly userAgent: string };
  };
}) {
  const token = new URLSearchParams(event.body).get('token') ?? '';
  const bytes = Buffer.from(token.slice(4), 'base64url');
  const mac = createHmac('sha256', key).update('tvm/token/v1').update(bytes.subarray(0, 23)).digest();
  if (!timingSafeEqual(mac.subarray(0, 16), bytes.subarray(23))) return { statusCode: 400, body: '' };
  if (bytes.readUInt32BE(3) * 1000 <= Date.now()) return { statusCode: 410, body: '' };
  const tokenId = { S: bytes.subarray(7, 23).toString('hex') };

  const wanted = { Keys: [{ tokenId }], ConsistentRead: true };
  const { Responses } = (await dynamo('BatchGetItem', {
    RequestItems: { [TOKEN_TABLE]: wanted, [RECEIPT_TABLE]: wanted },
  })) as { readonly Responses: Readonly<Record<string, readonly Row[]>> };
  const record = Responses[TOKEN_TABLE]?.[0];
  if (record === undefined || Responses[RECEIPT_TABLE]?.length) return { statusCode: 403, body: '' };
  const { name, fileName } = record.asset.M;

  const path = `/${FILE_BUCKET}/gated/${name.S}`;
  const head = await send('s3', 'HEAD', path);
  head.resume();
  const url = presign(path, 30, {
    versionId: String(head.headers['x-amz-version-id']),
    'response-content-disposition': `attachment; filename="${fileName.S}"`,
    'response-content-type': String(head.headers['content-type']),
    'response-cache-control': 'no-store',
    'x-id': 'GetObject',
  });

  const redemptionId = { S: randomUUID() };
  const now = new Date();
  const { sourceIp, userAgent } = event.requestContext.identity;
  const removeAt = { N: String(Math.floor(now.getTime() / 1000) + 34_560_000) };
  await dynamo('PutItem', {
    TableName: RECEIPT_TABLE,
    Item: {
      ...{ tokenId, redemptionId, removeAt, asset: name, issuedBy: record.issuedBy, kind: { S: 'redeemed' } },
      ...{ at: { N: String(Math.floor(now.getTime() / 1000)) } },
      ...{ sourceAddress: { S: sourceIp }, userAgent: { S: userAgent } },
    },
    ConditionExpression: 'attribute_not_exists(tokenId) OR redemptionId = :mine',
    ExpressionAttributeValues: { ':mine': redemptionId },
  });
  await Promise.all([
    dynamo('DeleteItem', {
      TableName: TOKEN_TABLE,
      Key: { tokenId },
      ConditionExpression: 'attribute_exists(tokenId)',
    }),
    dynamo('PutItem', {
      TableName: LEDGER_TABLE,
      Item: {
        ...{ tokenId, redemptionId, removeAt, asset: name, event: { S: 'redeemed' } },
        ...{ timeEvent: { S: `${now.toISOString()}#redeemed` }, pseudonym: record.recipient.M.pseudonym },
      },
      ConditionExpression: 'attribute_not_exists(tokenId)',
    }),
  ]);
  return { statusCode: 302, headers: { Location: url, 'Cache-Control': 'no-store' }, body: '' };
}

interface Text {
  readonly S: string;
}

interface Row {
  readonly asset: { readonly M: Readonly<Record<'name' | 'fileName', Text>> };
  readonly issuedBy: Text;
  readonly recipient: { readonly M: { readonly pseudonym: Text } };
}

function dynamo(operation: string, input: object): Promise<unknown> {
  return call('dynamodb', `DynamoDB_20120810.${operation}`, input);
}

async function monthKey(): Promise<Buffer> {
  const now = new Date();
  const month = (now.getUTCFullYear() - 2000) * 12 + now.getUTCMonth();
  const { Mac } = (await call('kms', 'TrentService.GenerateMac', {
    KeyId: SIGNING_KEY_ID,
    MacAlgorithm: 'HMAC_SHA_256',
    Message: Buffer.from(`tvm/signing-key/v1/${month}`).toString('base64'),
  })) as { readonly Mac: string };
  return Buffer.from(Mac, 'base64');
}
