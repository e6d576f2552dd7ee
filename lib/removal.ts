import { RemovalPolicy } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { StageName } from './config.ts';
import { setLogicalId } from './constructs/logical-id.ts';

/**
 * Returns the removal policy of a resource with data. `prod` keeps the resource, unless the deployment that creates it
 * fails. In that case, the resource is empty, and a leftover SES identity would make the next attempt fail
 * (CloudFormation User Guide, "DeletionPolicy attribute", `RetainExceptOnCreate`).
 */
export function removalPolicyFor(stage: StageName): RemovalPolicy {
  return stage === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

/**
 * Gives the policy of a bucket the bucket's removal policy. Otherwise, a bucket that is kept would lose its denials
 * (https://github.com/aws/aws-cdk/issues/27125).
 */
export function keepPolicyOf({ policy, node }: Bucket, stage: StageName): void {
  if (policy === undefined) throw new Error(`${node.path} has no policy`);
  setLogicalId(policy, `${node.id}Policy`);
  policy.applyRemovalPolicy(removalPolicyFor(stage));
}
