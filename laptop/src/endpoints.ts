import { rmSync } from 'node:fs';
import type { AccessKey } from './access-keys.ts';
import { writeFileAtomically } from './atomic-file.ts';
import type { StackModel } from './template/stack-model.ts';

/** The URLs of the API and of the services that functions call. */
export interface ServiceUrls {
  /** The API, including the stage, without a trailing slash. */
  readonly api: string;
  readonly s3: string;
  readonly dynamodb: string;
  readonly sqs: string;
  readonly ses: string;
  readonly kms: string;
  readonly guardduty: string;
  /** The stand-in for EventBridge, which supports only `PutEvents`. */
  readonly events: string;
}

/** The endpoints that exist for every stack. */
interface CommonEndpoints extends ServiceUrls {
  /** The inbox page. It serves the e-mails as JSON under `/store`. */
  readonly inbox: string;
  /** API Gateway's management API, which `aws apigateway` calls. */
  readonly apigateway: string;
  /** The ID of the API, for test-invoke. */
  readonly restApiId: string;
  /** The operator's access key. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** URLs, credentials, and the stack outputs that `LaptopStack` lists, for tests, scripts, and users. */
export type Endpoints<Output extends string = never> = CommonEndpoints & Readonly<Record<Output, string>>;

/**
 * Gathers the endpoints.
 *
 * @param outputs names of the template's outputs, by their names in the endpoints
 * @param optional names of further outputs, which can be missing from the template
 * @throws LaptopError if the template lacks any of the `outputs`
 */
export function gatherEndpoints<Output extends string>(
  urls: ServiceUrls & Pick<CommonEndpoints, 'apigateway' | 'restApiId'>,
  model: StackModel,
  { accessKeyId, secretAccessKey }: AccessKey,
  outputs: Readonly<Record<Output, string>>,
  optional: Readonly<Record<string, string>> = {},
): Endpoints<Output> {
  const present = Object.entries(optional).filter(([, output]) => model.hasOutput(output));
  const values = Object.fromEntries(
    [...Object.entries<string>(outputs), ...present].map(([name, output]) => [name, model.output(output)]),
  ) as Readonly<Record<Output, string>>;
  const { region } = model.place;
  return { ...values, ...urls, inbox: urls.ses, accessKeyId, secretAccessKey, region };
}

/** The files that contain the endpoints. They exist only while local mode runs. */
export interface EndpointFiles {
  readonly endpoints: string;
  /** Configuration for the AWS CLI: a profile `laptop` with the operator's key and the URL of every service. */
  readonly awsConfig: string;
}

/** Writes both files, readable only by their owner. */
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
  const { s3, dynamodb, sqs, ses, kms, guardduty, apigateway, events } = urls;
  const services = { s3, dynamodb, dynamodb_streams: dynamodb, sqs, ses, kms, guardduty };
  const sections = Object.entries({ ...services, api_gateway: apigateway, eventbridge: events })
    .map(([service, url]) => `${service} =\n  endpoint_url = ${url}\n`)
    .join('');
  return (
    `[profile laptop]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n` +
    `region = ${region}\nservices = laptop\n\n[services laptop]\n${sections}`
  );
}
