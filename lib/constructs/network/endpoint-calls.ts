import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Endpoint names by action prefix, for all services that functions may call. */
const SERVICES: Readonly<Record<string, string>> = {
  dynamodb: 'dynamodb',
  events: 'events',
  guardduty: 'guardduty',
  kms: 'kms',
  s3: 's3',
  ses: 'email',
  sqs: 'sqs',
};

/**
 * Calls that Lambda makes with a function's role to feed it from queues and streams. They come from Lambda's own
 * network (Lambda Developer Guide, "Using Lambda with Amazon SQS").
 */
const CALLED_BY_LAMBDA: ReadonlySet<string> = new Set([
  ...['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
  ...['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream', 'dynamodb:ListStreams'],
]);

/** Calls that one statement of a role allows, and that the function makes through one endpoint. */
export interface EndpointCalls {
  readonly service: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/**
 * Returns the calls that a function with these permissions makes through endpoints.
 *
 * @throws Error if an action has no known endpoint
 */
export function endpointCalls(permissions: readonly PolicyStatement[]): readonly EndpointCalls[] {
  return permissions.filter((permission) => !isMadeByServices(permission)).flatMap(callsOf);
}

function callsOf({ actions, resources }: PolicyStatement): readonly EndpointCalls[] {
  const own = actions.filter((action) => !CALLED_BY_LAMBDA.has(action));
  const services = new Set(own.map(serviceOf));
  return [...services].map((service) => ({
    service,
    actions: own.filter((action) => serviceOf(action) === service),
    resources,
  }));
}

function serviceOf(action: string): string {
  const service = SERVICES[action.split(':')[0] ?? ''];
  if (service === undefined) {
    throw new Error(
      `No known endpoint for ${action}. Add the service to lib/constructs/network/endpoint-calls.ts`,
    );
  }
  return service;
}

/** Returns whether services make the permitted calls on behalf of the function, from their own networks. */
function isMadeByServices({ conditions }: PolicyStatement): boolean {
  return JSON.stringify(conditions).includes('"kms:ViaService"');
}
