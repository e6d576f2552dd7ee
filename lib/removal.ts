import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageName } from './config.ts';

/**
 * Returns the removal policy of a resource with data. `prod` keeps the resource, unless the deployment that creates it
 * fails. In that case, the resource is empty, and a leftover SES identity would make the next attempt fail
 * (CloudFormation User Guide, "DeletionPolicy attribute", `RetainExceptOnCreate`).
 */
export function removalPolicyFor(stage: StageName): RemovalPolicy {
  return stage === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
