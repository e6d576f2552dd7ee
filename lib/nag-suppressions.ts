import type { Acknowledgment } from 'aws-cdk-lib';
import type { FunctionName } from '../lambda/environment.ts';

/*
 * The wildcards in lib/rights.ts, and why nothing narrower would work. cdk-nag rejects every other one.
 */

const FILES: Acknowledgment = {
  id: 'AwsSolutions-IAM5[Resource::<FileBucket.Arn>/gated/*]',
  reason: 'Files are put on offer after the stack is deployed; the prefix is all that is known of them.',
};

const PRIVATE_FILES: Acknowledgment = {
  id: 'AwsSolutions-IAM5[Resource::<FileBucket.Arn>/private/*]',
  reason: FILES.reason,
};

const IDENTITIES: Acknowledgment = {
  id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]',
  reason: 'In the sandbox SES asks for the right on recipients too; a condition pins the sender.',
};

const TRACES: Acknowledgment[] = [
  {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray has no resources to name; nothing else is granted on all of them.',
  },
  {
    id: 'Serverless-LambdaStarPermissions',
    reason:
      'It cannot tell the rights of X-Ray, which need a star, from others; AwsSolutions-IAM5 names each.',
  },
];

/** Returns why the wildcards in a function's role are necessary, in the form that cdk-nag reads. */
export function nagSuppressions(name: FunctionName): readonly Acknowledgment[] {
  return [...TRACES, ...BESIDE_TRACES[name]];
}

const BESIDE_TRACES: Readonly<Record<FunctionName, readonly Acknowledgment[]>> = {
  mint: [FILES],
  mail: [IDENTITIES],
  pages: [],
  redeem: [FILES, PRIVATE_FILES],
  stream: [FILES, PRIVATE_FILES],
  links: [FILES, PRIVATE_FILES],
  renewals: [FILES],
  bounces: [],
};
