import { AwsIntegration, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { capitalized } from './logical-id.ts';

/** The actions that invoke a function, including through a function URL. */
const INVOKE = ['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'];

/**
 * Lets one API invoke a function, and denies it to everyone else, whatever their own policies allow. The function
 * trusts API Gateway's statement of who signed a request, so any other invoker could pose as anyone
 * (docs/adr/0024-let-only-the-api-invoke-the-function-of-iam-callers.md). Direct calls are denied as well: only
 * calls by services have `aws:SourceArn`, and a negated operator holds if a key is missing (IAM User Guide, "AWS global
 * condition context keys" and "IAM JSON policy elements: Condition operators"). The policy replaces all permissions of
 * the function, so do not add any elsewhere (Lambda Developer Guide, "Working with resource-based policies").
 */
export class ClosedFunction extends Construct {
  /** Passes requests to the function. Unlike `LambdaIntegration`, it adds no permissions. */
  readonly integration: AwsIntegration;

  constructor(scope: Construct, id: string, target: IFunction, api: RestApi) {
    super(scope, id);
    const { functionArn } = target;
    this.integration = new AwsIntegration({
      proxy: true,
      service: 'lambda',
      path: `2015-03-31/functions/${functionArn}/invocations`,
    });
    const sourceArn = { 'aws:SourceArn': api.arnForExecuteApi() };
    const policy = new CfnResourcePolicy(this, 'Policy', {
      resourceArn: functionArn,
      policyDocument: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'ApiInvokes',
            principals: [new ServicePrincipal('apigateway.amazonaws.com')],
            actions: ['lambda:InvokeFunction'],
            resources: [functionArn],
            conditions: { ArnLike: sourceArn },
          }),
          new PolicyStatement({
            sid: 'NobodyElseInvokes',
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            actions: INVOKE,
            resources: [functionArn, `${functionArn}:*`],
            conditions: { ArnNotLike: sourceArn },
          }),
        ],
      }),
    });
    // The cfn-lint release that CI pins does not know this resource type yet.
    policy.addMetadata('cfn-lint', { config: { ignore_checks: ['E3006'] } });
    policy.overrideLogicalId(`${capitalized(id)}FunctionPolicy`);
  }
}
