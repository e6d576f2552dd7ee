import { z } from 'zod';
import type { AccessRequest } from '../access.ts';
import type { StackModel } from '../template/stack-model.ts';

/**
 * Returns the KMS calls that a service makes on its caller's behalf. S3's calls are not included: they depend on the
 * object, and S3 checks them itself.
 */
export type ImpliedCalls = (request: AccessRequest) => readonly AccessRequest[];

const Table = z.object({ SSESpecification: z.object({ KMSMasterKeyId: z.string().optional() }).optional() });
const Queue = z.object({ KmsMasterKeyId: z.string().optional() });

/**
 * The KMS calls for encrypted queues and tables. Sending a message takes two calls, because SQS generates a data key
 * and then verifies that it can be decrypted. Items are encrypted with a table key, which DynamoDB decrypts on the
 * caller's behalf.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
 */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'sqs:SendMessage': ['kms:GenerateDataKey', 'kms:Decrypt'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  ...Object.fromEntries(
    [
      ...['BatchGetItem', 'BatchWriteItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem'],
      ...['GetRecords', 'PutItem', 'Query', 'Scan', 'UpdateItem'],
    ].map((operation) => [`dynamodb:${operation}`, ['kms:Decrypt']]),
  ),
};

/** Creates the function that returns implied calls. The KMS keys of queues and tables come from the template. */
export function impliedCalls(model: StackModel): ImpliedCalls {
  const { region } = model.place;
  const keys = new Map(encrypted(model));
  return (request) => {
    const [service = ''] = request.action.split(':');
    // The ARN of an index or a stream begins with its table's ARN.
    const key = keys.get(request.resource.replace(/\/(?:index|stream)\/[^/]+$/, ''));
    if (key === undefined) return [];
    return (NEEDED[request.action] ?? []).map((action) => ({
      ...request,
      action,
      resource: key,
      conditions: {
        ...request.conditions,
        'aws:ViaAWSService': 'true',
        'aws:CalledVia': [`${service}.amazonaws.com`],
        'kms:ViaService': `${service}.${region}.amazonaws.com`,
      },
    }));
  };
}

/** Returns the ARNs of queues and tables that are encrypted with a key of the stack, each with the ARN of its key. */
function encrypted(model: StackModel): readonly (readonly [string, string])[] {
  const keyArn = (name: string): string | undefined =>
    model
      .ofType('AWS::KMS::Key')
      .find(({ physical }) => physical?.ref === name || physical?.attributes.Arn === name)?.physical
      ?.attributes.Arn;
  const tables = model
    .ofType('AWS::DynamoDB::Table')
    .map((resource) => ({ resource, key: model.read(resource, Table).SSESpecification?.KMSMasterKeyId }));
  const queues = model
    .ofType('AWS::SQS::Queue')
    .map((resource) => ({ resource, key: model.read(resource, Queue).KmsMasterKeyId }));
  return [...tables, ...queues].flatMap(({ resource, key }) => {
    const arn = key === undefined ? undefined : keyArn(key);
    return arn === undefined ? [] : [[resource.physical?.attributes.Arn ?? '', arn] as const];
  });
}
