import { readFileSync } from 'node:fs';
import { Aws, CustomResource, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { CfnPolicy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { transformSync } from 'esbuild';
import type { Config } from '../../config.ts';
import { setLogicalId } from '../logical-id.ts';

const CODE = new URL('caretaker/handler.ts', import.meta.url);

export interface CaretakerProps {
  readonly vpcId: string;
  readonly config: Pick<Config, 'logRetentionDays'>;
}

/**
 * Creates a function outside the VPC that does what CloudFormation cannot. It runs only while the stack is deployed or
 * deleted. It looks up prefix lists, whose IDs differ between regions. It also takes functions out of the VPC before
 * CloudFormation deletes the network. Otherwise, Lambda keeps network interfaces for up to 45 minutes, and security
 * groups and subnets cannot be deleted (aws/aws-cdk#4119, aws/aws-cdk#12827; Lambda Developer Guide, "Understanding
 * Hyperplane Elastic Network Interfaces").
 */
export class Caretaker extends Construct {
  readonly #role: Role;
  readonly #function: LambdaFunction;

  constructor(scope: Construct, id: string, { vpcId, config }: CaretakerProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    setLogicalId(logGroup, 'CaretakerLogs');
    this.#role = this.#createRole(vpcId, logGroup);
    this.#function = new LambdaFunction(this, 'Function', {
      description: 'Token-vending machine: looks after the private network during deployments',
      code: Code.fromInline(inlined()),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      timeout: Duration.minutes(15),
      role: this.#role.withoutPolicyUpdates(),
      logGroup,
    });
    setLogicalId(this.#function, 'CaretakerFunction');
    Validations.of(this.#function).acknowledge(
      { id: 'Serverless-LambdaDLQ', reason: 'CloudFormation invokes the function, and waits for it.' },
      { id: 'Serverless-LambdaTracing', reason: 'It runs only while the stack is deployed or deleted.' },
    );
  }

  /** Returns the prefix list ID of each of these services. */
  prefixLists(services: readonly string[]): Readonly<Record<string, string>> {
    const Lists = Object.fromEntries(
      services.map((service) => [service, `com.amazonaws.${Aws.REGION}.${service}`]),
    );
    const found = this.#resource('PrefixLists', { Lists });
    return Object.fromEntries(services.map((service) => [service, found.getAttString(service)]));
  }

  /** Takes these functions out of the VPC before the stack or its network is deleted. */
  disconnectAtTheEnd(functions: readonly IFunction[], securityGroupId: string): void {
    // A separate policy avoids a circular dependency: functions need the network, and the network needs the role.
    const permissions = new CfnPolicy(this, 'Disconnects', {
      policyName: 'disconnect-functions',
      roles: [this.#role.roleName],
      policyDocument: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ['lambda:GetFunctionConfiguration', 'lambda:UpdateFunctionConfiguration'],
            resources: functions.map(({ functionArn }) => functionArn),
          }),
        ],
      }),
    });
    permissions.overrideLogicalId('CaretakerDisconnectPolicy');
    const FunctionNames = functions.map(({ functionName }) => functionName);
    const connected = this.#resource('ConnectedFunctions', {
      FunctionNames,
      SecurityGroupId: securityGroupId,
    });
    // CloudFormation deletes this resource before its dependencies.
    connected.node.addDependency(permissions, ...functions);
  }

  #resource(name: string, properties: Record<string, unknown>): CustomResource {
    const resource = new CustomResource(this, name, {
      serviceToken: this.#function.functionArn,
      serviceTimeout: Duration.minutes(16),
      resourceType: `Custom::${name}`,
      properties,
    });
    setLogicalId(resource, name);
    return resource;
  }

  #createRole(vpcId: string, { logGroupArn }: LogGroup): Role {
    const arn = (service: string, resource: string) =>
      `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: "Permissions of the private network's caretaker",
      inlinePolicies: {
        permissions: new PolicyDocument({
          statements: [
            // These actions do not support resource-level permissions (Service Authorization Reference, "Amazon
            // EC2"). Anyone who changes the VPC of a function needs the `Describe` permissions.
            new PolicyStatement({
              actions: [
                ...['ec2:DescribeManagedPrefixLists', 'ec2:DescribeNetworkInterfaces'],
                ...['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs'],
              ],
              resources: ['*'],
            }),
            new PolicyStatement({
              actions: ['ec2:DeleteNetworkInterface'],
              resources: [arn('ec2', 'network-interface/*')],
              conditions: { ArnEquals: { 'ec2:Vpc': arn('ec2', `vpc/${vpcId}`) } },
            }),
            new PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logGroupArn],
            }),
          ],
        }),
      },
    });
    Validations.of(role).acknowledge(
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'The Describe actions do not support resource-level permissions.',
      },
      {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:network-interface/*]`,
        reason: 'Lambda creates the network interfaces. A condition pins the VPC.',
      },
      {
        id: 'Serverless-LambdaStarPermissions',
        reason:
          'This rule cannot distinguish actions that need a wildcard from others. AwsSolutions-IAM5 can.',
      },
    );
    setLogicalId(role, 'CaretakerRole');
    return role;
  }
}

/** Returns the handler's code without types, minified to fit into a template. Lambda's runtime contains the SDK. */
function inlined(): string {
  const options = { loader: 'ts', format: 'cjs', platform: 'node', target: 'node24', minify: true } as const;
  return transformSync(readFileSync(CODE, 'utf8'), options).code;
}
