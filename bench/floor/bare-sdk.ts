/*
 * A baseline: only the calls of a redemption, through the AWS SDK, with the settings of lambda/adapters/. The
 * difference from the deployed `redeem` function is the cost of the product's own code.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { BatchGetCommand, DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { clientSettings } from '../../lambda/adapters/client-settings.ts';
import { s3Settings } from '../../lambda/adapters/s3-file-store.ts';

const {
  TOKEN_TABLE = '',
  RECEIPT_TABLE = '',
  LEDGER_TABLE = '',
  FILE_BUCKET = '',
  SIGNING_KEY_ID,
} = process.env;

const tables = DynamoDBDocumentClient.from(new DynamoDBClient(clientSettings), {
  marshallOptions: { removeUndefinedValues: true },
});
const files = new S3Client({ ...clientSettings, ...s3Settings });
await new KMSClient(clientSettings).send(
  new GenerateMacCommand({
    KeyId: SIGNING_KEY_ID,
    MacAlgorithm: 'HMAC_SHA_256',
    Message: Buffer.from('tvm/signing-key/v1/322'),
  }),
);

const tokenId = 'f0000000000000000000000000000001';
const redemptionId = '4b6f1a52-6d0c-4f35-8d7f-0a3d2f7f3b11';
const file = { Bucket: FILE_BUCKET, Key: 'gated/report.pdf' };
const details = { tokenId, redemptionId, asset: 'report.pdf', removeAt: 2_000_000_000 };

export async function handler() {
  const wanted = { Keys: [{ tokenId }], ConsistentRead: true };
  await tables.send(
    new BatchGetCommand({ RequestItems: { [TOKEN_TABLE]: wanted, [RECEIPT_TABLE]: wanted } }),
  );
  const { VersionId, ContentType } = await files.send(
    new HeadObjectCommand({ ...file, ChecksumMode: 'ENABLED' }),
  );
  const get = new GetObjectCommand({
    ...file,
    VersionId,
    ResponseContentDisposition: 'attachment; filename="report.pdf"',
    ResponseContentType: ContentType,
    ResponseCacheControl: 'no-store',
  });
  const Location = await getSignedUrl(files, get, { expiresIn: 30 });
  await tables.send(
    new PutCommand({
      TableName: RECEIPT_TABLE,
      Item: {
        ...{ ...details, kind: 'redeemed', at: 1_900_000_000, issuedBy: 'public' },
        ...{ sourceAddress: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)' },
      },
      ConditionExpression: 'attribute_not_exists(tokenId) OR redemptionId = :mine',
      ExpressionAttributeValues: { ':mine': redemptionId },
    }),
  );
  await Promise.all([
    tables.send(
      new DeleteCommand({
        TableName: TOKEN_TABLE,
        Key: { tokenId },
        ConditionExpression: 'attribute_exists(tokenId)',
      }),
    ),
    tables.send(
      new PutCommand({
        TableName: LEDGER_TABLE,
        Item: {
          ...details,
          timeEvent: '2031-05-17T10:20:30.000Z#redeemed',
          event: 'redeemed',
          pseudonym: 'p',
        },
        ConditionExpression: 'attribute_not_exists(tokenId)',
      }),
    ),
  ]);
  return { statusCode: 302, headers: { Location }, body: '' };
}
