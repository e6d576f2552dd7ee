import { LaptopError } from '../laptop-error.ts';
import type { StackModel } from '../template/stack-model.ts';

/**
 * Resource types that local mode creates or reads, here or in `api`, `events`, `functions`, `guardduty`, `iam`,
 * `queue`, and `stream`.
 */
const SUPPORTED: ReadonlySet<string> = new Set([
  'AWS::ApiGateway::DomainName',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::Events::EventBusPolicy',
  'AWS::Events::Rule',
  'AWS::GuardDuty::MalwareProtectionPlan',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
]);

/** Resource types that local mode ignores in every stack, each with the reason. */
const IGNORED: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': 'local mode logs to files',
  'AWS::ApiGateway::BasePathMapping': 'local mode has its own address',
  'AWS::ApiGateway::Deployment': 'local mode serves the synthesized API',
  'AWS::CDK::Metadata': 'only tells AWS which constructs were used',
  'AWS::CloudWatch::Alarm': 'there are no metrics to watch',
  'AWS::CloudWatch::Dashboard': 'there are no metrics to show',
  'AWS::KMS::Alias': 'keys are named by their IDs',
  'AWS::Lambda::ResourcePolicy': 'there is no Lambda API that other callers could use',
  'AWS::Logs::LogGroup': 'logs go to files in the data folder',
  'AWS::Logs::MetricFilter': 'there are no metrics to show',
  'AWS::SES::ConfigurationSet': 'the inbox accepts every e-mail',
  'AWS::SES::EmailIdentity': 'the inbox accepts every sender',
  'Custom::S3AutoDeleteObjects': 'empties the bucket when a stack is destroyed',
};

/**
 * Checks that local mode supports or ignores each type in the template.
 *
 * @param ignored further types to ignore, each with the reason
 * @throws LaptopError that lists the resources of unknown types
 */
export function refuseUnknownTypes(
  { resources }: StackModel,
  ignored: Readonly<Record<string, string>>,
): void {
  const known = (type: string): boolean => SUPPORTED.has(type) || type in IGNORED || type in ignored;
  const unknown = resources.filter(({ type }) => !known(type));
  if (unknown.length === 0) return;
  const list = unknown.map(({ logicalId, type }) => `${logicalId} (${type})`).join(', ');
  throw new LaptopError(
    `Local mode does not support these resources in the template: ${list}. To ignore a type, add it to ignoredTypes.`,
  );
}
