import { type Acknowledgment, Duration, Validations } from 'aws-cdk-lib';
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { DeployedFunction, FunctionFacts } from '../capability.ts';
import type { Config } from '../config.ts';
import { removalPolicyFor } from '../removal.ts';
import type { Bundles } from './bundle.ts';
import { capitalized, setLogicalId } from './logical-id.ts';
import type { PrivateNetwork } from './network/private-network.ts';

export interface VendingFunctionProps {
  /** The name of the function's entry and metrics. */
  readonly name: string;
  readonly facts: FunctionFacts;
  readonly deployed: DeployedFunction;
  readonly bundles: Bundles;
  readonly config: Pick<Config, 'stage' | 'stackName' | 'logRetentionDays'>;
  /** The private network that the function runs in. `undefined` if it can reach the internet. */
  readonly network: PrivateNetwork | undefined;
}

/** Explains the permissions on all resources: every function writes traces, and some request scans or list streams. */
const TRACES: readonly Acknowledgment[] = [
  {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'The permissions for X-Ray traces, GuardDuty scans, and stream listings cannot be limited to specific resources. No other permission covers all resources.',
  },
  {
    id: 'Serverless-LambdaStarPermissions',
    reason:
      'This rule cannot distinguish actions that need a wildcard, such as those of X-Ray, from others. AwsSolutions-IAM5 can.',
  },
];

/** Creates one function with its own bundle, role, and log group. */
export class VendingFunction extends Construct {
  readonly function: IFunction;
  readonly role: IRole;

  constructor(scope: Construct, id: string, props: VendingFunctionProps) {
    super(scope, id);
    const { name, facts, bundles, config, network } = props;
    const {
      environment,
      permissions,
      suppressions = [],
      memoryMb = facts.memoryMb,
      beside,
      trigger,
    } = props.deployed;
    const title = capitalized(name);

    const logGroup = new LogGroup(this, 'Logs', {
      retention: config.logRetentionDays,
      removalPolicy: removalPolicyFor(config.stage),
    });
    const writeLogs = new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    // X-Ray does not support resource-level permissions (Service Authorization Reference, "AWS X-Ray").
    const writeTraces = new PolicyStatement({
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      resources: ['*'],
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Permissions of the ${name} function`,
      inlinePolicies: {
        permissions: new PolicyDocument({ statements: [...permissions, writeLogs, writeTraces] }),
      },
    });

    this.role = role;
    this.function = new LambdaFunction(this, 'Function', {
      description: `Token-vending machine: ${name}`,
      code: bundles.code(this, name, beside),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      timeout: Duration.seconds(facts.timeoutSeconds),
      // Prevents the CDK from adding permissions to those above.
      role: role.withoutPolicyUpdates(),
      logGroup,
      // Traces contain only Lambda's own segments (function, times, and request ID), so no URL gets into them
      // (docs/adr/0016-use-lambdas-own-traces-instead-of-a-tracer.md).
      tracing: Tracing.ACTIVE,
      environment: {
        ...environment,
        SERVICE_NAME: name,
        METRICS_NAMESPACE: config.stackName,
      },
    });
    Validations.of(role).acknowledge(...TRACES, ...suppressions);
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason:
        'Requests get a response, queues and streams have their own dead-letter queues, and scheduled functions run again at the next scheduled time.',
    });
    setLogicalId(this.function, `${title}Function`);
    setLogicalId(role, `${title}Role`);
    setLogicalId(logGroup, `${title}Logs`);
    network?.connect({ function: this.function, role, permissions });
    trigger?.invoke(this.function);
  }
}
