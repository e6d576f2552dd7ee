import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  CfnAccount,
  LogGroupLogDestination,
  ResponseType,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { removalPolicyFor } from '../removal.ts';
import { setLogicalId } from './logical-id.ts';

/**
 * The log line of a request. `resourcePath` is the route from the template, because actual paths and queries contain
 * tokens. The source address, user agent, and caller are left out, too. Receipts record them where they matter.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
const LINE = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  requestTime: '$context.requestTime',
  httpMethod: '$context.httpMethod',
  resourcePath: '$context.resourcePath',
  status: '$context.status',
  responseType: '$context.error.responseType',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationStatus: '$context.integration.status',
  functionRequestId: '$context.integration.requestId',
  tlsVersion: '$context.tlsVersion',
} as const;

/** Creates the API's access log. API Gateway writes it with a role that the account's APIs in the region share. */
export class ApiAccessLog extends Construct {
  /** Stage options that turn the log on. */
  readonly stageOptions: Pick<StageOptions, 'accessLogDestination' | 'accessLogFormat'>;
  /** The account's log setting, which must exist before the stage. `undefined` if this stack does not create it. */
  readonly account: CfnAccount | undefined;
  /**
   * Requests that API Gateway itself throttled. API Gateway's own metrics do not separate them from other 4xx
   * responses, so this metric needs the access log.
   */
  readonly throttled: Metric | undefined;

  constructor(
    scope: Construct,
    id: string,
    {
      stackName,
      stage,
      logRetentionDays,
      apiLogRole,
    }: Pick<Config, 'stackName' | 'stage' | 'logRetentionDays' | 'apiLogRole'>,
  ) {
    super(scope, id);
    this.account = apiLogRole === 'create' ? this.#shareRole() : undefined;
    if (apiLogRole === 'none') {
      this.stageOptions = {};
      return;
    }
    const lines = new LogGroup(this, 'ApiAccessLogs', {
      retention: logRetentionDays,
      removalPolicy: removalPolicyFor(stage),
    });
    setLogicalId(lines, 'ApiAccessLogs');
    this.stageOptions = {
      accessLogDestination: new LogGroupLogDestination(lines),
      accessLogFormat: AccessLogFormat.custom(JSON.stringify(LINE)),
    };
    const throttled = new MetricFilter(this, 'ThrottledRequests', {
      logGroup: lines,
      // Only errors from API Gateway itself have a response type. A 429 from a function has none.
      filterPattern: FilterPattern.stringValue('$.responseType', '=', ResponseType.THROTTLED.responseType),
      metricNamespace: stackName,
      metricName: 'RequestThrottled',
    });
    setLogicalId(throttled, 'ThrottledRequests');
    this.throttled = throttled.metric({ statistic: Stats.SUM });
  }

  /**
   * Overwrites the account's log role for this region. The setting and the role outlive the stack: CloudFormation does
   * not reset the setting ("AWS::ApiGateway::Account"), and without the role that it names, no API in the region could
   * log.
   */
  #shareRole(): CfnAccount {
    const role = new Role(this, 'ApiLogRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      description: 'Lets API Gateway write the logs of every API in this account and region',
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
      ],
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason:
        'The role serves every API in this account and region. Narrower permissions would turn off the logs of other APIs.',
    });
    const account = new CfnAccount(this, 'ApiLogAccount', { cloudWatchRoleArn: role.roleArn });
    for (const kept of [role, account]) kept.applyRemovalPolicy(RemovalPolicy.RETAIN);
    setLogicalId(role, 'ApiLogRole');
    account.overrideLogicalId('ApiLogAccount');
    return account;
  }
}
