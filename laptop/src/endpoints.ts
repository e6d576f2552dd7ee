import { rmSync } from 'node:fs';
import type { AccessKey } from './access-keys.ts';
import { writeFileAtomically } from './atomic-file.ts';
import type { StackModel } from './template/stack-model.ts';

/** Where everything is, for tests, scripts and the curious. */
export interface Endpoints {
  /** The API, stage included and without a slash at the end. */
  readonly api: string;
  /** The inbox page; mails in JSON under `/store`. */
  readonly inbox: string;
  readonly s3: string;
  readonly dynamodb: string;
  readonly sqs: string;
  readonly ses: string;
  readonly kms: string;
  /** The API of API Gateway itself: what `aws apigateway` calls. */
  readonly apigateway: string;
  /** The API, as test-invoke names it. */
  readonly restApiId: string;
  readonly bucket: string;
  readonly tokenTable: string;
  readonly receiptTable: string;
  readonly ledgerTable: string;
  readonly quotaTable: string;
  readonly issueTable: string;
  /** Queues by their URLs. */
  readonly mailQueue: string;
  readonly deadLetterQueue: string;
  readonly bounceQueue: string;
  readonly bounceDeadLetterQueue: string;
  readonly signingKeyId: string;
  readonly pseudonymKeyId: string;
  readonly senderEmail: string;
  /** The operator's access key. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** Where the services answer. */
export interface ServiceUrls {
  readonly api: string;
  readonly s3: string;
  readonly dynamodb: string;
  readonly sqs: string;
  readonly ses: string;
  readonly kms: string;
  readonly apigateway: string;
}

/**
 * Gathers the endpoints. Names of resources are those that the deployed stack puts out.
 *
 * @throws LaptopError if it does not put out one of them
 */
export function gatherEndpoints(
  urls: ServiceUrls,
  model: StackModel,
  { accessKeyId, secretAccessKey }: AccessKey,
): Endpoints {
  return {
    ...urls,
    inbox: urls.ses,
    restApiId: model.output('RestApiId'),
    bucket: model.output('BucketName'),
    tokenTable: model.output('TokenTableName'),
    receiptTable: model.output('ReceiptTableName'),
    ledgerTable: model.output('LedgerTableName'),
    quotaTable: model.output('QuotaTableName'),
    issueTable: model.output('IssueTableName'),
    mailQueue: model.output('MailQueueUrl'),
    deadLetterQueue: model.output('DeadLetterQueueUrl'),
    bounceQueue: model.output('BounceQueueUrl'),
    bounceDeadLetterQueue: model.output('BounceDeadLetterQueueUrl'),
    signingKeyId: model.output('SigningKeyId'),
    pseudonymKeyId: model.output('PseudonymKeyId'),
    senderEmail: model.output('SenderEmail'),
    accessKeyId,
    secretAccessKey,
    region: model.place.region,
  };
}

/** The files that tell where everything is; there only while it runs. */
export interface EndpointFiles {
  readonly endpoints: string;
  /** For the AWS command line: a profile `laptop` with the operator's key and every service's address. */
  readonly awsConfig: string;
}

/** Writes both files, for the owner's eyes only. */
export function writeEndpoints(files: EndpointFiles, endpoints: Endpoints): void {
  writeFileAtomically(files.awsConfig, awsConfig(endpoints));
  writeFileAtomically(files.endpoints, `${JSON.stringify(endpoints, undefined, 2)}\n`);
}

export function removeEndpoints({ endpoints, awsConfig: config }: EndpointFiles): void {
  rmSync(endpoints, { force: true });
  rmSync(config, { force: true });
}

/** @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function awsConfig({ accessKeyId, secretAccessKey, region, ...urls }: Endpoints): string {
  const services = (['s3', 'dynamodb', 'sqs', 'ses', 'kms', 'apigateway'] as const)
    .map(
      (service) =>
        `${service === 'apigateway' ? 'api_gateway' : service} =\n  endpoint_url = ${urls[service]}\n`,
    )
    .join('');
  return (
    `[profile laptop]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n` +
    `region = ${region}\nservices = laptop\n\n[services laptop]\n${services}`
  );
}
