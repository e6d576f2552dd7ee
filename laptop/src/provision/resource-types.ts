import { LaptopError } from '../laptop-error.ts';
import type { StackModel } from '../template/stack-model.ts';

/** Types that local mode creates or reads, in this folder or in `api`, `events`, `functions`, `guardduty`, `iam`, `queue` and `stream`. */
const MADE_HERE: ReadonlySet<string> = new Set([
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

/** Types that local mode ignores for every stack, and why. */
const NOTHING_HERE: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': 'local mode logs to files',
  'AWS::ApiGateway::BasePathMapping': 'local mode has its own address',
  'AWS::ApiGateway::Deployment': 'what is synthesized is what is served',
  'AWS::CDK::Metadata': 'only tells AWS which constructs were used',
  'AWS::CloudWatch::Alarm': 'there are no metrics to watch',
  'AWS::CloudWatch::Dashboard': 'there are no metrics to show',
  'AWS::KMS::Alias': 'keys are named by their IDs',
  'AWS::Lambda::ResourcePolicy': 'there is no Lambda API through which others could invoke functions',
  'AWS::Logs::LogGroup': 'logs go to files in the data folder',
  'AWS::Logs::MetricFilter': 'there are no metrics to show',
  'AWS::SES::ConfigurationSet': 'the inbox takes every mail',
  'AWS::SES::EmailIdentity': 'the inbox takes every sender',
  'Custom::S3AutoDeleteObjects': 'empties the bucket when a stack is destroyed',
};

/**
 * @param ignored more types to ignore, with the reason
 * @throws LaptopError naming every resource of an unknown type
 */
export function refuseUnknownTypes(
  { resources }: StackModel,
  ignored: Readonly<Record<string, string>>,
): void {
  const known = (type: string): boolean => MADE_HERE.has(type) || type in NOTHING_HERE || type in ignored;
  const unknown = resources.filter(({ type }) => !known(type));
  if (unknown.length === 0) return;
  const list = unknown.map(({ logicalId, type }) => `${logicalId} (${type})`).join(', ');
  throw new LaptopError(
    `Local mode does not support these resources of the template: ${list}. To ignore a type, name it in ignoredTypes.`,
  );
}
