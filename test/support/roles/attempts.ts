import { GenerateMacCommand } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { SendEmailCommand } from '@aws-sdk/client-ses';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Endpoints } from '../../../bin/local/stack.ts';
import type { FunctionName } from '../../../lib/capabilities.ts';
import type { RoleClients } from './role-clients.ts';

/** An action that an attacker might try with a function's role, and which functions are allowed to do it. */
export type Attempt = readonly [
  what: string,
  run: (role: RoleClients, at: Endpoints) => Promise<unknown>,
  may: readonly FunctionName[],
];

const FORM = `f${'0'.repeat(31)}`;
const API = `a${'0'.repeat(31)}`;

const RECORD = {
  asset: {},
  issuedBy: 'public',
  issuedAt: 1,
  keyEpoch: 1,
  expiresAt: 1,
  open: 'confirm',
  delivery: 'redirect',
};
const RECEIPT = { tokenId: API, at: 1, redemptionId: 'r', asset: 'a', issuedBy: 'public', removeAt: 1 };
const LINE = { timeEvent: '2031-05-17T10:20:30.000Z#made-up', event: 'made-up', asset: 'a', removeAt: 1 };
const TERMS = {
  ...LINE,
  issuedBy: 'public',
  expiresAt: 1,
  fileName: 'a',
  size: 1,
  address: 'ada@example.org',
};

const PUBLIC_FORM = ['mint', 'renewals'] as const;
const REDEEMING = ['redeem', 'stream', 'watermark', 'zip'] as const;
const READING_BOTH = ['mail', 'pages', 'collection', ...REDEEMING, 'links', 'bounces', 'renewals'] as const;
const UPLOADING = ['uploads', 'finalize', 'verdicts', 'sweep', 'reviews'] as const;
const NOBODY = [] as const;

const put =
  (table: keyof Endpoints, Item: object, more: object = {}): Attempt[1] =>
  ({ tables }, at) =>
    tables.send(new PutCommand({ TableName: at[table], Item, ...more }));
const update =
  (table: keyof Endpoints, Key: Record<string, string>, attribute: string, more: object = {}): Attempt[1] =>
  ({ tables }, at) =>
    tables.send(
      new UpdateCommand({
        TableName: at[table],
        Key,
        UpdateExpression: 'SET #attribute = :value',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':value': 1 },
        ...more,
      }),
    );
const remove =
  (table: keyof Endpoints, Key: Record<string, string>, more: object = {}): Attempt[1] =>
  ({ tables }, at) =>
    tables.send(new DeleteCommand({ TableName: at[table], Key, ...more }));
const scan =
  (table: keyof Endpoints): Attempt[1] =>
  ({ tables }, at) =>
    tables.send(new ScanCommand({ TableName: at[table] }));
const count = (counter: string) => update('quotaTable', { counter }, 'hits');
const get =
  (Key: string): Attempt[1] =>
  ({ s3 }, { bucket: Bucket }) =>
    s3.send(new GetObjectCommand({ Bucket, Key }));
const list =
  (Prefix?: string): Attempt[1] =>
  ({ s3 }, { bucket: Bucket }) =>
    s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
const send =
  (queue: keyof Endpoints): Attempt[1] =>
  ({ sqs }, at) =>
    sqs.send(new SendMessageCommand({ QueueUrl: at[queue], MessageBody: `{"tokenId":"${FORM}"}` }));
const receive =
  (queue: keyof Endpoints): Attempt[1] =>
  ({ sqs }, at) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl: at[queue], VisibilityTimeout: 0 }));
const mac =
  (key: 'signingKeyId' | 'pseudonymKeyId'): Attempt[1] =>
  ({ kms }, at) =>
    kms.send(
      new GenerateMacCommand({
        KeyId: at[key],
        MacAlgorithm: 'HMAC_SHA_256',
        Message: Buffer.from('any month'),
      }),
    );
const mail =
  (from: string | undefined, to: string): Attempt[1] =>
  ({ ses }, { senderEmail }) =>
    ses.send(
      new SendEmailCommand({
        Source: from ?? senderEmail,
        Destination: { ToAddresses: [to] },
        Message: { Subject: { Data: 'Words' }, Body: { Text: { Data: 'of my choice' } } },
      }),
    );

/** Actions that only some functions, or none, are allowed to perform. */
export const ATTEMPTS: readonly Attempt[] = [
  [
    'put the record of a form link',
    put('tokenTable', { ...RECORD, tokenId: FORM, language: 'en' }),
    PUBLIC_FORM,
  ],
  ['put the record of an API link', put('tokenTable', { ...RECORD, tokenId: API }), ['links']],
  [
    'put the record of an API link without its allowed networks',
    put('tokenTable', { ...RECORD, tokenId: API, seal: 's' }),
    ['links'],
  ],
  ['seal the record of a form link', put('tokenTable', { ...RECORD, tokenId: FORM, seal: 's' }), NOBODY],
  [
    'request a notice about a form link',
    put('tokenTable', { ...RECORD, tokenId: FORM, wantsNotice: true }),
    NOBODY,
  ],
  ['put the record of a collection', put('tokenTable', { ...RECORD, tokenId: API, files: [] }), ['links']],
  ['turn a form link into a collection', put('tokenTable', { ...RECORD, tokenId: FORM, files: [] }), NOBODY],
  [
    'add a form link to a collection',
    put('tokenTable', { ...RECORD, tokenId: FORM, collection: API }),
    NOBODY,
  ],
  ['put an attribute that no record has', put('tokenTable', { ...RECORD, tokenId: API, mine: 1 }), NOBODY],
  [
    'put a record under a key that belongs to neither channel',
    put('tokenTable', { ...RECORD, tokenId: '0'.repeat(32) }),
    NOBODY,
  ],
  [
    'read the record of a form link by overwriting it',
    put('tokenTable', { ...RECORD, tokenId: FORM }, { ReturnValues: 'ALL_OLD' }),
    NOBODY,
  ],
  [
    'read the record of an API link by overwriting it',
    put('tokenTable', { ...RECORD, tokenId: API }, { ReturnValues: 'ALL_OLD' }),
    NOBODY,
  ],
  ['allow more attempts to enter a code', update('tokenTable', { tokenId: FORM }, 'codeAttempts'), REDEEMING],
  ['prolong a link', update('tokenTable', { tokenId: FORM }, 'expiresAt'), NOBODY],
  ['create a record with an update', update('tokenTable', { tokenId: FORM }, 'asset'), NOBODY],
  ['delete a record', remove('tokenTable', { tokenId: FORM }), [...REDEEMING, 'links', 'bounces']],
  [
    'read a record by deleting it',
    remove('tokenTable', { tokenId: FORM }, { ReturnValues: 'ALL_OLD' }),
    NOBODY,
  ],
  ['read every record', scan('tokenTable'), NOBODY],
  [
    'read the record and receipt of a known token ID',
    ({ tables }, { tokenTable, receiptTable }) => {
      const one = { Keys: [{ tokenId: API }] };
      return tables.send(new BatchGetCommand({ RequestItems: { [tokenTable]: one, [receiptTable]: one } }));
    },
    READING_BOTH,
  ],
  [
    'put a record in a transaction',
    ({ tables }, { tokenTable }) =>
      tables.send(
        new TransactWriteCommand({
          TransactItems: [{ Put: { TableName: tokenTable, Item: { ...RECORD, tokenId: FORM } } }],
        }),
      ),
    NOBODY,
  ],

  [
    'claim that a link was redeemed',
    put('receiptTable', { ...RECEIPT, kind: 'redeemed', sourceAddress: '', userAgent: '' }),
    REDEEMING,
  ],
  [
    'record which copy was delivered',
    put('receiptTable', { ...RECEIPT, kind: 'redeemed', originalSha256: '', stampedSha256: '' }),
    ['watermark'],
  ],
  [
    'record who revoked a link',
    put('receiptTable', { ...RECEIPT, kind: 'revoked', revokedBy: 'x' }),
    ['links', 'bounces', ...REDEEMING],
  ],
  [
    'put an address for notices into a receipt',
    put('receiptTable', { ...RECEIPT, kind: 'redeemed', notify: 'x' }),
    NOBODY,
  ],
  ['change a receipt', update('receiptTable', { tokenId: API }, 'at'), NOBODY],
  ['delete a receipt', remove('receiptTable', { tokenId: API }), NOBODY],
  [
    'read a receipt by overwriting it',
    put('receiptTable', { ...RECEIPT, kind: 'redeemed' }, { ReturnValues: 'ALL_OLD' }),
    NOBODY,
  ],
  ['read every receipt', scan('receiptTable'), NOBODY],

  ['record that a form link was issued', put('ledgerTable', { ...TERMS, tokenId: FORM }), PUBLIC_FORM],
  ['record that an API link was issued', put('ledgerTable', { ...TERMS, tokenId: API }), ['links']],
  [
    'put an address for notices into the history of an API link',
    put('ledgerTable', { ...TERMS, tokenId: API, notify: 'x' }),
    ['links'],
  ],
  [
    'put an address for notices into the history of a form link',
    put('ledgerTable', { ...TERMS, tokenId: FORM, notify: 'x' }),
    NOBODY,
  ],
  [
    'add an entry to the history of an API link',
    put('ledgerTable', { ...LINE, tokenId: API }),
    ['mail', ...REDEEMING, 'links', 'bounces', 'renewals'],
  ],
  [
    'record why an e-mail to the recipient of an API link failed',
    put('ledgerTable', { ...LINE, tokenId: API, reason: 'x' }),
    ['mail'],
  ],
  [
    'record how many bytes were sent',
    put('ledgerTable', { ...LINE, tokenId: API, bytes: 1 }),
    ['stream', 'watermark', 'zip'],
  ],
  [
    'record that an e-mail bounced',
    put('ledgerTable', { ...LINE, tokenId: API, bounce: 'permanent' }),
    ['bounces'],
  ],
  ['change the history', update('ledgerTable', { tokenId: API, timeEvent: 'x' }, 'event'), NOBODY],
  ['delete an entry in the history', remove('ledgerTable', { tokenId: API, timeEvent: 'x' }), NOBODY],
  [
    'read the history by overwriting it',
    put('ledgerTable', { ...LINE, tokenId: API }, { ReturnValues: 'ALL_OLD' }),
    NOBODY,
  ],
  [
    'read the history of a known token ID',
    ({ tables }, { ledgerTable: TableName }) =>
      tables.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'tokenId = :id',
          ExpressionAttributeValues: { ':id': API },
        }),
      ),
    ['mail', 'links', 'bounces', 'renewals'],
  ],
  [
    'list the links issued in a month',
    ({ tables }, { ledgerTable: TableName }) =>
      tables.send(
        new QueryCommand({
          TableName,
          IndexName: 'byMonth',
          KeyConditionExpression: 'issuedMonth = :month',
          ExpressionAttributeValues: { ':month': '2031-05' },
        }),
      ),
    ['links'],
  ],
  ['read the whole history', scan('ledgerTable'), NOBODY],

  ['count e-mails of the form', count('form-mails'), PUBLIC_FORM],
  ['count e-mails of IAM callers', count('program-mails'), ['mail', 'links', 'invites']],
  ['count e-mails of one caller', count('caller-mails/AIDAEXAMPLE'), ['mail', 'links', 'invites']],
  ['take the slot of a stream', count('streams/0'), ['stream', 'watermark', 'zip']],
  ['free the slot of an upload', count('upload-slots/iam:x/0'), UPLOADING],
  ['count uploaded bytes', count('upload-bytes/iam:x'), ['uploads', 'receive']],
  [
    'give a second chance',
    put('quotaTable', { counter: `again/${API}`, tokenId: API, record: RECORD, used: 0, expiresAt: 1 }),
    REDEEMING,
  ],
  ['count a second chance', update('quotaTable', { counter: `again/${API}` }, 'used'), REDEEMING],
  [
    'end a second chance',
    update('quotaTable', { counter: `again/${API}` }, 'ended'),
    [...REDEEMING, 'renewals'],
  ],
  [
    'read a second chance',
    ({ tables }, { quotaTable: TableName }) =>
      tables.send(new GetCommand({ TableName, Key: { counter: `again/${API}` } })),
    ['pages', 'collection', ...REDEEMING],
  ],
  ['put a counter', put('quotaTable', { counter: 'streams/0', used: 0 }), NOBODY],
  ['count something else', count('mine'), NOBODY],
  ['store other data in a counter', update('quotaTable', { counter: 'form-mails' }, 'mine'), NOBODY],
  ['delete a counter', remove('quotaTable', { counter: 'form-mails' }), NOBODY],
  ['read every counter', scan('quotaTable'), NOBODY],
  [
    'read a counter of the form',
    ({ tables }, { quotaTable: TableName }) =>
      tables.send(new GetCommand({ TableName, Key: { counter: 'form-mails' } })),
    PUBLIC_FORM,
  ],

  [
    'plan links',
    put('issueTable', { requestName: 'x', tokenIds: [], digest: 'x', carriedOut: false }),
    ['links'],
  ],
  [
    'read a plan by overwriting it',
    put('issueTable', { requestName: 'x' }, { ReturnValues: 'ALL_OLD' }),
    NOBODY,
  ],
  ['change a plan', update('issueTable', { requestName: 'x' }, 'tokenIds'), NOBODY],
  ['read every plan', scan('issueTable'), NOBODY],

  ['read a file that the form serves', get('gated/public.txt'), [...PUBLIC_FORM, ...REDEEMING, 'links']],
  ['read a private file', get('private/secret.txt'), [...REDEEMING, 'links']],
  ['read an object that is not offered', get('other.txt'), NOBODY],
  ['list private files', list('private/'), [...REDEEMING, 'links']],
  ['list the whole bucket', list(), [...PUBLIC_FORM, ...REDEEMING, 'links', 'finalize', 'submit']],
  [
    'offer a file',
    ({ s3 }, { bucket: Bucket }) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'gated/mine.txt', Body: 'x' })),
    NOBODY,
  ],
  [
    'delete a file',
    ({ s3 }, { bucket: Bucket }) => s3.send(new DeleteObjectCommand({ Bucket, Key: 'gated/public.txt' })),
    NOBODY,
  ],

  [
    'queue an e-mail',
    send('mailQueueUrl'),
    [...PUBLIC_FORM, ...REDEEMING, 'links', 'invites', 'submit', 'outcomes'],
  ],
  ['make up a bounce', send('bounceQueueUrl'), NOBODY],
  ['put a message into the dead-letter queue', send('deadLetterQueueUrl'), NOBODY],
  ['put a bounce into the bounce dead-letter queue', send('bounceDeadLetterQueueUrl'), NOBODY],
  ['take messages from the mail queue', receive('mailQueueUrl'), ['mail']],
  ['take messages from the bounce queue', receive('bounceQueueUrl'), ['bounces']],
  ['read the dead-letter queue', receive('deadLetterQueueUrl'), NOBODY],
  ['read the bounce dead-letter queue', receive('bounceDeadLetterQueueUrl'), NOBODY],

  [
    'derive the signing key of any month',
    mac('signingKeyId'),
    ['mail', 'pages', 'collection', ...REDEEMING, 'links', 'renewals', 'invites', 'receive', 'submit'],
  ],
  [
    'hash an address, or compute a presence code',
    mac('pseudonymKeyId'),
    [...PUBLIC_FORM, ...REDEEMING, 'challenges', 'links', 'bounces', 'uploads', 'invites', 'receive'],
  ],

  ['send an e-mail to an allowed recipient', mail(undefined, 'ada@example.org'), ['mail']],
  ['send an e-mail to a recipient who is not allowed', mail(undefined, 'mallory@example.net'), NOBODY],
  ['send an e-mail from a forged address', mail('ceo@example.org', 'ada@example.org'), NOBODY],
];
