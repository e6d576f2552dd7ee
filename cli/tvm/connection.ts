import type { SignatureV4Init } from '@smithy/signature-v4';
import type { Deployment } from './deployment.ts';

/** The services of AWS that commands call, as the endpoints file and the SDK name them. */
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
  | 'lambda';

/** An access key, or a function that gives one and keeps it fresh. */
type Credentials = SignatureV4Init['credentials'];

/** Where the SDK writes what it thinks of a call. */
type Logger = Readonly<Record<'debug' | 'info' | 'warn' | 'error', (...words: unknown[]) => void>>;

/** Settings for a client of the SDK: spread them into its constructor. */
export interface ClientSettings {
  readonly region: string;
  readonly credentials: Credentials;
  readonly endpoint?: string;
  /** Of S3 only: the laptop's buckets have no host names of their own. */
  readonly forcePathStyle?: boolean;
  readonly maxAttempts: number;
  readonly logger: Logger;
  readonly requestHandler: { readonly connectionTimeout: number; readonly socketTimeout: number };
}

/** A deployment that was found, and how to call its services. */
export interface Connection {
  /** `stack`: on AWS; `laptop`: on this machine. */
  readonly kind: 'stack' | 'laptop';
  readonly deployment: Deployment;
  readonly region: string;
  /** Whose rights a signed call has. */
  readonly credentials: Credentials;
  /**
   * @throws CommandFailure for a service that the laptop does not have
   */
  settings(service: Service): ClientSettings;
}
