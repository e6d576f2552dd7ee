import { CfnElement } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Returns a name with a capital first letter, as in logical IDs. */
export function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/**
 * Sets the logical ID of the CloudFormation resource behind a construct. Moving the construct in the tree then does not
 * replace the resource, and the console shows a short name.
 *
 * @throws Error if the construct does not wrap exactly one resource
 */
export function setLogicalId(construct: IConstruct, logicalId: string): void {
  const resource = construct.node.defaultChild;
  if (resource === undefined || !CfnElement.isCfnElement(resource)) {
    throw new Error(`${construct.node.path} does not wrap exactly one resource`);
  }
  resource.overrideLogicalId(logicalId);
}
