import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { Output, Parts } from './capability.ts';
import { PUBLIC_PREFIX } from './constructs/file-store.ts';
import { capitalized } from './constructs/logical-id.ts';
import type { Functions } from './constructs/metrics.ts';

/** Adds the outputs of the stack, which operators, scripts, and tests need. */
export function addOutputs(stack: Stack, outputs: readonly Output[]): void {
  for (const { name, value, description } of outputs)
    new CfnOutput(stack, `Output ${name}`, { value, description }).overrideLogicalId(name);
}

/** Returns the outputs that are not specific to a capability. The outputs for people come first. */
export function commonOutputs(
  { keys, store, files, sender, api }: Parts,
  functions: Functions,
): readonly Output[] {
  const output = (name: string, value: string, description: string): Output => ({ name, value, description });
  const offered = `s3://${files.bucket.bucketName}/${PUBLIC_PREFIX}`;
  return [
    output('ApiUrl', api.url, 'URL of the API'),
    output('RequestForm', `${api.origin}/?asset=`, 'URL of the request form. Append the name of a file'),
    output('OfferFilesUnder', offered, 'Where to put files to offer'),
    output('RestApiId', api.rest.restApiId, 'ID of the API, for test-invoke'),
    output('SenderEmail', sender.address, 'Address that e-mails come from'),
    output('BucketName', files.bucket.bucketName, 'The private bucket'),
    output('CloudShellOffer', `aws s3 cp report.pdf ${offered}`, '1. Offers a file'),
    output('TokenTableName', store.tokens.tableName, 'Live tokens'),
    output('ReceiptTableName', store.receipts.tableName, 'Receipts of ended tokens'),
    output('LedgerTableName', store.ledger.tableName, 'The history of every token'),
    output('QuotaTableName', store.quota.tableName, 'Counters of rate limits'),
    output('IssueTableName', store.plans.tableName, 'Plans that requests for links share with their retries'),
    output('DataKeyId', keys.data.keyId, 'Encrypts files, tables, and mail queue'),
    output('SigningKeyId', keys.signing.keyId, 'Derives the keys that sign tokens'),
    output('PseudonymKeyId', keys.pseudonym.keyId, 'Derives the key that hashes addresses'),
    output('NoticeKeyId', keys.notice.keyId, 'Encrypts alarms, and notices from AWS services, in transit'),
    ...Object.entries(functions).map(([name, { functionName }]) =>
      output(`${capitalized(name)}FunctionName`, functionName, `The ${name} function`),
    ),
  ];
}
