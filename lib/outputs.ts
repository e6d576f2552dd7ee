import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { PUBLIC_PREFIX } from './constructs/file-store.ts';
import type { Functions } from './constructs/metrics.ts';
import type { Parts } from './environments.ts';

/** Adds the outputs of the stack, which an operator, a script and a test need. The ones for people come first. */
export function addOutputs(stack: Stack, parts: Parts, functions: Functions): void {
  const { keys, store, files, mail, feedback, sender, api } = parts;
  const output = (name: string, value: string, description: string) =>
    new CfnOutput(stack, `Output ${name}`, { value, description }).overrideLogicalId(name);
  const offered = `s3://${files.bucket.bucketName}/${PUBLIC_PREFIX}`;

  output('ApiUrl', api.origin, 'Where the API answers');
  output('RequestForm', `${api.origin}/?asset=`, 'The page to ask for a file: put its name at the end');
  output('OfferFilesUnder', offered, 'Where files on offer lie');
  output('RestApiId', api.rest.restApiId, 'The API, as test-invoke names it');
  output('SenderEmail', sender.address, 'The address that mails come from');
  output('BucketName', files.bucket.bucketName, 'The private bucket');

  // For CloudShell (docs/cloudshell.md): test-invoke calls the deployed functions with their deployed rights.
  output('CloudShellOffer', `aws s3 cp report.pdf ${offered}`, '1. Puts a file on offer');
  output(
    'CloudShellIssue',
    testInvoke(parts, '/links', `'{"asset":"report.pdf"}'`),
    '2. Issues a link for it without a mail: 201, with a token for token.json',
  );
  output(
    'CloudShellRedeem',
    testInvoke(parts, '/redeem', 'file://token.json'),
    '3. Redeems the token in token.json, {"token":"tvm_..."}: 302, and 403 from the second time on',
  );

  output('TokenTableName', store.tokens.tableName, 'What is still redeemable');
  output('ReceiptTableName', store.receipts.tableName, 'What has ended');
  output('LedgerTableName', store.ledger.tableName, 'The history of every token');
  output('QuotaTableName', store.quota.tableName, 'Counters');
  output('IssueTableName', store.plans.tableName, 'What repeated requests for links have in common');
  output('MailQueueUrl', mail.queue.queueUrl, 'Mails to send');
  output('DeadLetterQueueUrl', mail.deadLetters.queueUrl, 'Mails that could not be sent');
  output('BounceQueueUrl', feedback.queue.queueUrl, 'Bounces and complaints to note');
  output('BounceDeadLetterQueueUrl', feedback.deadLetters.queueUrl, 'Bounces that could not be noted');
  output('DataKeyId', keys.data.keyId, 'Encrypts files, tables and mail queue');
  output('SigningKeyId', keys.signing.keyId, 'Derives the keys that sign tokens');
  output('PseudonymKeyId', keys.pseudonym.keyId, 'Derives the key that hashes addresses');
  output('NoticeKeyId', keys.notice.keyId, 'Encrypts bounces and alarms on their way');
  for (const [name, { functionName }] of Object.entries(functions)) {
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    output(`${title}FunctionName`, functionName, `The ${name} function`);
  }
}

/** Returns a test-invoke command. Its query leaves out the answer's `log` member, which would show the token. */
function testInvoke({ api }: Parts, path: '/links' | '/redeem', body: string): string {
  return [
    `aws apigateway test-invoke-method --rest-api-id ${api.rest.restApiId} --resource-id ${api.resourceIdOf(path)}`,
    `--http-method POST --body ${body} --query '[status, headers.Location, body]' --output text`,
  ].join(' ');
}
