import type { Deployment } from './deployment.ts';

/** The services of AWS that commands call, as the endpoints file and the SDK name them. */
export type Service =
  | 's3'
  | 'dynamodb'
  | 'sqs'
  | 'ses'
  | 'kms'
  | 'apigateway'
  | 'cloudformation'
  | 'cloudwatch';

/** Settings for a client of the SDK: spread them into its constructor. */
export interface ClientSettings {
  readonly region: string;
  readonly profile?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly endpoint?: string;
  /** Of S3 only: the laptop's buckets have no host names of their own. */
  readonly forcePathStyle?: boolean;
  readonly maxAttempts: number;
  readonly requestHandler: { readonly connectionTimeout: number; readonly socketTimeout: number };
}

/** A deployment that was found, and how to call its services. */
export interface Connection {
  /** `stack`: on AWS; `laptop`: on this machine. */
  readonly kind: 'stack' | 'laptop';
  readonly deployment: Deployment;
  readonly region: string;
  /**
   * @throws CommandFailure for a service that the laptop does not have
   */
  settings(service: Service): ClientSettings;
}
