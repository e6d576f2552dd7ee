import { createHash } from 'node:crypto';
import { STREAM_LABEL } from '../dynamodb/table-streams.ts';
import { LaptopError } from '../laptop-error.ts';
import { type References, resolveIntrinsics } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

/** The parts of resource names and ARNs. */
export interface Place {
  readonly region: string;
  /** The twelve-digit account ID. */
  readonly accountId: string;
  readonly stackName: string;
  /** Returns the local URL of a queue, which functions get in their environment. */
  queueUrl(queueName: string): string;
}

/** The values of `Ref` and `Fn::GetAtt` for a resource. */
export interface Physical {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Subject {
  readonly logicalId: string;
  readonly resource: TemplateResource;
  readonly place: Place;
  readonly references: References;
  /** The resource's name if the template does not specify one. */
  readonly generatedName: string;
  readonly arn: (service: string, resource: string) => string;
}

/**
 * Returns the values of `Ref` and `Fn::GetAtt` for a resource. A generated name is like CloudFormation's, but without
 * the random part, so that it is the same after a restart.
 *
 * @returns undefined for a type without a name in local mode
 */
export function physicalOf(
  logicalId: string,
  resource: TemplateResource,
  place: Place,
  references: References,
): Physical | undefined {
  const { region, accountId, stackName } = place;
  return KINDS[resource.Type]?.({
    logicalId,
    resource,
    place,
    references,
    generatedName: `${stackName}-${logicalId}`,
    arn: (service, name) => `arn:aws:${service}:${region}:${accountId}:${name}`,
  });
}

const table = (subject: Subject): Physical => {
  const name = nameFrom(subject, 'TableName');
  const arn = subject.arn('dynamodb', `table/${name}`);
  const stream = subject.resource.Properties.StreamSpecification;
  return {
    ref: name,
    attributes: {
      Arn: arn,
      ...(stream === undefined ? {} : { StreamArn: `${arn}/stream/${STREAM_LABEL}` }),
    },
  };
};

const KINDS: Readonly<Record<string, (subject: Subject) => Physical>> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::S3::Bucket': (subject) => {
    const name = nameFrom(subject, 'BucketName').toLowerCase().slice(0, 63);
    return {
      ref: name,
      attributes: {
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${subject.place.region}.amazonaws.com`,
      },
    };
  },
  'AWS::SQS::Queue': (subject) => {
    const name = nameFrom(subject, 'QueueName').slice(0, 80);
    const url = subject.place.queueUrl(name);
    return { ref: url, attributes: { Arn: subject.arn('sqs', name), QueueName: name, QueueUrl: url } };
  },
  'AWS::KMS::Key': (subject) => {
    const id = uuidOf(subject.generatedName);
    return { ref: id, attributes: { Arn: subject.arn('kms', `key/${id}`), KeyId: id } };
  },
  'AWS::Lambda::Function': (subject) => {
    const name = nameFrom(subject, 'FunctionName').slice(0, 64);
    return { ref: name, attributes: { Arn: subject.arn('lambda', `function:${name}`) } };
  },
  'AWS::ApiGateway::RestApi': ({ logicalId }) => ({
    ref: shortId(logicalId),
    attributes: { RestApiId: shortId(logicalId), RootResourceId: shortId(`${logicalId}/`) },
  }),
  'AWS::ApiGateway::Resource': ({ logicalId }) => ({
    ref: shortId(logicalId),
    attributes: { ResourceId: shortId(logicalId) },
  }),
  'AWS::ApiGateway::Deployment': ({ logicalId }) => ({
    ref: shortId(logicalId),
    attributes: { DeploymentId: shortId(logicalId) },
  }),
  'AWS::ApiGateway::Stage': (subject) => ({ ref: nameFrom(subject, 'StageName'), attributes: {} }),
  'AWS::IAM::Role': (subject) => {
    const name = nameFrom(subject, 'RoleName').slice(0, 64);
    return {
      ref: name,
      attributes: { Arn: `arn:aws:iam::${subject.place.accountId}:role/${name}` },
    };
  },
  'AWS::Events::Rule': (subject) => {
    const name = nameFrom(subject, 'Name').slice(0, 64);
    const bus = busOf(subject);
    const path = bus === DEFAULT_BUS ? name : `${bus}/${name}`;
    return { ref: name, attributes: { Arn: subject.arn('events', `rule/${path}`) } };
  },
  'AWS::Events::EventBus': (subject) => {
    const name = nameFrom(subject, 'Name');
    return { ref: name, attributes: { Arn: subject.arn('events', `event-bus/${name}`), Name: name } };
  },
  'AWS::GuardDuty::MalwareProtectionPlan': (subject) => {
    const id = shortId(subject.logicalId);
    const arn = subject.arn('guardduty', `malware-protection-plan/${id}`);
    return { ref: id, attributes: { Arn: arn, MalwareProtectionPlanId: id } };
  },
  'AWS::SNS::Topic': (subject) => {
    const arn = subject.arn('sns', nameFrom(subject, 'TopicName'));
    return { ref: arn, attributes: { TopicArn: arn } };
  },
  'AWS::Logs::LogGroup': (subject) => {
    const name = nameFrom(subject, 'LogGroupName');
    return { ref: name, attributes: { Arn: subject.arn('logs', `log-group:${name}:*`) } };
  },
  'AWS::SES::ConfigurationSet': (subject) => ({
    ref: nameFrom(subject, 'Name').slice(0, 64),
    attributes: {},
  }),
  'AWS::SES::EmailIdentity': (subject) => ({ ref: nameFrom(subject, 'EmailIdentity'), attributes: {} }),
};

function busOf({ logicalId, resource, references }: Subject): string {
  const given = resolveIntrinsics(resource.Properties.EventBusName ?? DEFAULT_BUS, references, logicalId);
  return busNamed(String(given));
}

/** Name of the default event bus, which every account has. */
export const DEFAULT_BUS = 'default';

/** Returns a bus's name, given its name or ARN. */
export const busNamed = (nameOrArn: string): string => nameOrArn.replace(/^arn:.*:event-bus\//, '');

/** Returns the name in the template, which must be a literal, or a generated name if there is none. */
function nameFrom({ logicalId, resource, generatedName }: Subject, property: string): string {
  const given = resource.Properties[property];
  if (given === undefined) return generatedName;
  if (typeof given === 'string') return given;
  throw new LaptopError(
    `The template's resource ${logicalId} computes its ${property}, which local mode does not support.`,
  );
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Returns ten lowercase hexadecimal digits, in the format of API Gateway's IDs. */
const shortId = (text: string): string => digestOf(text).slice(0, 10);

function uuidOf(text: string): string {
  const hex = digestOf(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
