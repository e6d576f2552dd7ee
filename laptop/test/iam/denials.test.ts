import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SendEmailCommand } from '@aws-sdk/client-ses';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessRequest, Denial } from '../../src/access.ts';
import { recordDenials } from '../../src/iam/denials.ts';
import { denialOf } from '../support/denial.ts';
import { LocalServices } from '../support/local-services.ts';

const NOBODY = 'arn:aws:iam::000000000000:user/nobody';

const services = new LocalServices();
beforeAll(() => services.start());
afterAll(() => services.remove());

const sendMessage = () =>
  services
    .sqs()
    .send(
      new SendMessageCommand({ QueueUrl: `${services.urlOf('sqs')}/000000000000/mails`, MessageBody: 'x' }),
    );

/** Denies a call because the service is not allowed to use a KMS key on the caller's behalf. */
const denyKey = (request: AccessRequest): Denial =>
  denialOf({
    ...request,
    action: 'kms:GenerateDataKey',
    resource: 'arn:aws:kms:us-east-1:000000000000:key/k',
  });

describe('the error for a denied call', () => {
  test("DynamoDB returns AccessDeniedException with IAM's message", async () => {
    services.authorize = denialOf;
    const get = new GetItemCommand({ TableName: 'tokens', Key: { id: { S: 'a' } } });
    await expect(services.dynamodb().send(get)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        `User: ${NOBODY} is not authorized to perform: dynamodb:GetItem on resource: ` +
        'arn:aws:dynamodb:us-east-1:000000000000:table/tokens ' +
        'because no identity-based policy allows the dynamodb:GetItem action',
    });
  });

  test('SQS returns AccessDeniedException with the action in lowercase', async () => {
    services.authorize = denialOf;
    await expect(sendMessage()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        `User: ${NOBODY} is not authorized to perform: sqs:sendmessage on resource: ` +
        'arn:aws:sqs:us-east-1:000000000000:mails ' +
        'because no identity-based policy allows the sqs:sendmessage action',
    });
  });

  test('SQS returns KmsAccessDenied if the caller is not allowed to use the KMS key', async () => {
    services.authorize = denyKey;
    await expect(sendMessage()).rejects.toMatchObject({
      name: 'KmsAccessDenied',
      message: expect.stringContaining(
        'is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:',
      ),
    });
  });

  test('SES returns AccessDenied with its own wording, and the sender and recipients are condition keys', async () => {
    const authorizations: AccessRequest[] = [];
    services.authorize = (request) => {
      authorizations.push(request);
      return denialOf(request);
    };
    const send = new SendEmailCommand({
      Source: 'Files <files@example.com>',
      Destination: { ToAddresses: ['ada@example.org'], CcAddresses: ['Bob <bob@example.org>'] },
      Message: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } },
    });
    await expect(services.ses().send(send)).rejects.toMatchObject({
      name: 'AccessDenied',
      message:
        `User \`${NOBODY}' is not authorized to perform \`ses:SendEmail' on resource ` +
        "`arn:aws:ses:us-east-1:000000000000:identity/files@example.com'",
    });
    expect(authorizations[0]?.conditions).toMatchObject({
      'ses:FromAddress': 'files@example.com',
      'ses:Recipients': ['ada@example.org', 'bob@example.org'],
    });
  });
});

test('a repeated denial is logged each time, but printed only once', async () => {
  const written: string[] = [];
  const printed: string[] = [];
  const authorize = recordDenials(denialOf, {
    log: { write: (text) => written.push(String(text)) },
    say: (line) => printed.push(line),
    clock: () => new Date('2031-05-01T12:00:00Z'),
  });
  const request = { accessKeyId: 'A', signatureAgeMs: 0, conditions: {} };
  await authorize({ ...request, action: 's3:GetObject', resource: 'arn:aws:s3:::files/a' });
  await authorize({ ...request, action: 's3:GetObject', resource: 'arn:aws:s3:::files/a' });
  await authorize({ ...request, action: 's3:GetObject', resource: 'arn:aws:s3:::files/b' });
  const line = (name: string) =>
    `AccessDenied: nobody cannot call s3:GetObject on arn:aws:s3:::files/${name}, because no identity-based policy allows the s3:GetObject action`;
  expect(printed).toEqual([line('a'), line('b')]);
  expect(written).toEqual(['a', 'a', 'b'].map((name) => `2031-05-01T12:00:00.000Z ${line(name)}\n`));
});
