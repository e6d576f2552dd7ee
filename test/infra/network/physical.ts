import type { Template, TemplateResource } from '../template.ts';

/* Replaces references in a template with names like CloudFormation's, so that policies can be evaluated. */

export const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';

const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

export const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

const ARNS: Readonly<Record<string, (name: string) => string>> = {
  'AWS::IAM::Role': roleArn,
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name}`,
  'AWS::DynamoDB::Table': (name) => arn('dynamodb', `table/${name}`),
  'AWS::SQS::Queue': (name) => arn('sqs', name),
  'AWS::KMS::Key': (name) => arn('kms', `key/${name}`),
  'AWS::Events::EventBus': (name) => arn('events', `event-bus/${name}`),
  'AWS::Events::Rule': (name) => arn('events', `rule/${name}`),
  'AWS::Lambda::Function': (name) => arn('lambda', `function:${name}`),
  'AWS::Logs::LogGroup': (name) => arn('logs', `log-group:${name}:*`),
  'AWS::SNS::Topic': (name) => arn('sns', name),
};

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Returns a value of the template with its references resolved. The logical IDs serve as names. */
export function physical(template: Template, value: unknown): unknown {
  const resolve = (inner: unknown): unknown => physical(template, inner);
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') {
    const isTopic = template.Resources[ref]?.Type === 'AWS::SNS::Topic';
    return isTopic ? ARNS['AWS::SNS::Topic']?.(ref) : (PSEUDO[ref] ?? ref);
  }
  if (Array.isArray(attribute)) {
    const [name = '', property = ''] = attribute.map(String);
    const arnOf = ARNS[template.Resources[name]?.Type ?? ''];
    if (property === 'StreamArn') return arn('dynamodb', `table/${name}/stream/1`);
    if (property !== 'Arn') return `${name}.${property}`;
    // Fails, because evaluating a policy with an unresolved reference would give a meaningless result.
    if (arnOf === undefined) throw new Error(`The ARN of ${name} is unknown. Add its type to ARNS`);
    return arnOf(name);
  }
  if (Array.isArray(join)) return (join[1] as unknown[]).map(resolve).join(String(join[0]));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
}

/** Returns the resources of a type with their names and properties. */
export function physicalOf(
  template: Template,
  type: string,
): readonly { readonly name: string; readonly properties: Properties }[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([name, resource]: [string, TemplateResource]) => ({
      name,
      properties: physical(template, resource.Properties ?? {}) as Properties,
    }));
}

export type Properties = Readonly<Record<string, unknown>>;
