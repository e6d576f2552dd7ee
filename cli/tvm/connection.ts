import type { SignatureV4Init } from '@smithy/signature-v4';
import type { Deployment } from './deployment.ts';

/** The AWS services that commands call, by their names in the endpoints file and the SDK. */
type Service =
  | 's3'
  | 'dynamodb'
  | 'sqs'
  | 'ses'
  | 'kms'
  | 'apigateway'
  | 'cloudformation'
  | 'cloudwatch'
  | 'logs'
  | 'guardduty'
  | 'ec2'
  | 'lambda';

/** An access key, or a function that returns a valid one. */
type Credentials = SignatureV4Init['credentials'];

type Logger = Readonly<Record<'debug' | 'info' | 'warn' | 'error', (...words: unknown[]) => void>>;

/** Settings for the constructor of an SDK client. */
export interface ClientSettings {
  readonly region: string;
  readonly credentials: Credentials;
  readonly endpoint?: string;
  /** Set for S3 in local mode, where buckets do not have their own host names. */
  readonly forcePathStyle?: boolean;
  readonly maxAttempts: number;
  readonly logger: Logger;
  readonly requestHandler: { readonly connectionTimeout: number; readonly socketTimeout: number };
}

/** A deployment, and how to call its services. */
export interface Connection {
  /** `stack` is on AWS, `local` is local mode. */
  readonly kind: 'stack' | 'local';
  readonly deployment: Deployment;
  readonly region: string;
  /** The operator's credentials, which sign all calls. */
  readonly credentials: Credentials;
  /**
   * Returns the settings for a client of a service.
   *
   * @throws CommandFailure if local mode does not have the service
   */
  settings(service: Service): ClientSettings;
}
