import { Aws, Lazy, Validations } from 'aws-cdk-lib';
import { CfnPolicy, Effect, type IRole, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** Actions with which Lambda connects a function to a VPC (AWSLambdaVPCAccessExecutionRole). */
const ACTIONS = [
  ...['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces'],
  ...['ec2:DescribeSubnets', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
];

/**
 * Allows Lambda to connect functions to the VPC. The policy is deleted only after the functions have left the VPC:
 * Lambda uses the role to delete their network interfaces, and leaves them behind if the permission is gone
 * (aws/aws-cdk#34400). The code of a function cannot use these permissions (Lambda Developer Guide, "Giving Lambda
 * functions access to resources in an Amazon VPC").
 */
export class InterfacePermissions extends Construct {
  readonly policy: CfnPolicy;
  readonly #roles: IRole[] = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const everyFunction = `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:*`;
    this.policy = new CfnPolicy(this, 'Policy', {
      policyName: 'network-interfaces',
      roles: Lazy.list({ produce: () => this.#roles.map(({ roleName }) => roleName) }),
      policyDocument: new PolicyDocument({
        statements: [
          // Interfaces have no IDs before they exist, and two of the actions do not support resource-level permissions.
          new PolicyStatement({ sid: 'LambdaConnects', actions: ACTIONS, resources: ['*'] }),
          new PolicyStatement({
            sid: 'CodeDoesNot',
            effect: Effect.DENY,
            actions: ACTIONS,
            resources: ['*'],
            conditions: { ArnLike: { 'lambda:SourceFunctionArn': everyFunction } },
          }),
        ],
      }),
    });
    Validations.of(this.policy).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Network interfaces have no IDs before Lambda creates them. Function code is denied these permissions.',
    });
    this.policy.overrideLogicalId('NetworkInterfacePolicy');
  }

  grant(role: IRole): void {
    this.#roles.push(role);
  }
}
