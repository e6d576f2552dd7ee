import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageName } from './config.ts';

/**
 * What becomes of data when the stack, or the resource in it, goes. What a failed deployment made goes again in `prod` too:
 * it is empty, and an identity that stays would be in the way of the next try (CloudFormation User Guide,
 * "DeletionPolicy attribute", `RetainExceptOnCreate`).
 */
export function removalPolicyFor(stage: StageName): RemovalPolicy {
  return stage === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
