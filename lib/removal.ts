import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageName } from './config.ts';

/** What becomes of data when the stack, or the resource in it, goes. */
export function removalPolicyFor(stage: StageName): RemovalPolicy {
  return stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
