import { z } from 'zod';
import type { AccessRequest } from '../access.ts';
import type { StackModel } from '../template/stack-model.ts';

/** Lists the KMS calls that a service makes on its caller's behalf. S3 makes its own, object by object. */
export type ImpliedCalls = (request: AccessRequest) => readonly AccessRequest[];

const Table = z.object({ SSESpecification: z.object({ KMSMasterKeyId: z.string().optional() }).optional() });
const Queue = z.object({ KmsMasterKeyId: z.string().optional() });

/**
 * The calls for an encrypted queue or table. A producer needs two: SQS generates a data key and proves it by decrypting
 * it. Items are encrypted under the table's own key, which DynamoDB wrapped when it created the table, and unwraps on the
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

/** Reads which key encrypts which queue and table of the template. */
export function impliedCalls(model: StackModel): ImpliedCalls {
  const { region } = model.place;
  const keys = new Map(encrypted(model));
  return (request) => {
    const [service = ''] = request.action.split(':');
    // Indexes and streams lie under their table.
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

/** ARNs of queues and tables with that of their key. */
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
