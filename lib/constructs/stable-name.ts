import { CfnElement } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Gives the CloudFormation resource behind a construct a logical id of its own, so that moving the construct never
 * replaces what it stands for: tables, keys, the bucket. Also what an operator reads in the console.
 *
 * @throws Error for a construct that stands for no single resource
 */
export function nameResource(construct: IConstruct, logicalId: string): void {
  const resource = construct.node.defaultChild;
  if (resource === undefined || !CfnElement.isCfnElement(resource)) {
    throw new Error(`${construct.node.path} stands for no single resource`);
  }
  resource.overrideLogicalId(logicalId);
}
