import { LaptopError } from '../laptop-error.ts';
import type { StackModel } from '../template/stack-model.ts';

/** Types that the laptop makes or reads: each has its file in this folder, or in `api`, `functions` and `iam`. */
const MADE_HERE: ReadonlySet<string> = new Set([
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
]);

/** Types that mean nothing on the laptop, and why. */
const NOTHING_HERE: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': 'the laptop logs to files',
  'AWS::ApiGateway::Deployment': 'what is synthesised is what is served',
  'AWS::CDK::Metadata': 'only tells AWS which constructs were used',
  'AWS::CloudWatch::Alarm': 'nobody is woken by a laptop',
  'AWS::CloudWatch::Dashboard': 'there are no metrics to show',
  'AWS::Events::Rule': 'nothing here sends events; a test puts them into the queue that the rule leads to',
  'AWS::KMS::Alias': 'keys are named by their ids',
  'AWS::Lambda::Permission': 'only the API and the queue of this stack invoke its functions',
  'AWS::Lambda::ResourcePolicy': 'nobody else can invoke functions here: there is no Lambda API',
  'AWS::Logs::LogGroup': 'logs go to files in the data folder',
  'AWS::Logs::MetricFilter': 'there are no metrics to show',
  'AWS::SES::ConfigurationSet': 'the inbox takes every mail',
  'AWS::SES::ConfigurationSetEventDestination': 'no mail bounces here',
  'AWS::SES::EmailIdentity': 'the inbox takes every sender',
  'AWS::SNS::Topic': 'alarms are not raised here',
  'AWS::SNS::TopicPolicy': 'alarms are not raised here',
  'AWS::SNS::Subscription': 'alarms are not raised here',
  'AWS::WAFv2::WebACLAssociation': 'only this machine reaches local mode',
  'Custom::S3AutoDeleteObjects': 'empties the bucket when a stack is destroyed',
};

/** @throws LaptopError naming every resource of a type that the laptop does not know */
export function refuseUnknownTypes({ resources }: StackModel): void {
  const unknown = resources.filter(({ type }) => !MADE_HERE.has(type) && !(type in NOTHING_HERE));
  if (unknown.length === 0) return;
  const list = unknown.map(({ logicalId, type }) => `${logicalId} (${type})`).join(', ');
  throw new LaptopError(`The laptop does not know what to do with these resources of the template: ${list}.`);
}
