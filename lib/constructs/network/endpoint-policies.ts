import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What a group of functions does through an endpoint. */
export interface EndpointUse {
  /** ARNs of the roles. */
  readonly roles: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/**
 * Lets these roles call these actions on these resources, and nobody else anything. A presigned URL carries the role that signed
 * it, so recipients come in by the same statement. Roles stand in a condition, because gateway endpoints support no other
 * principal than everyone (AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies").
 */
export function onlyForFunctions({ roles, actions, resources }: EndpointUse): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'FunctionsOfTheStack',
        principals: [new AnyPrincipal()],
        actions: [...actions],
        resources: [...resources],
        conditions: { ArnEquals: { 'aws:PrincipalArn': [...roles] } },
      }),
    ],
  });
}

/**
 * Lets anyone in the network call this stage of APIs in the account. The policy cannot name the API, whose own policy names the
 * endpoint. That one decides who may call what.
 */
export function onlyForReaders(stageName: string): PolicyDocument {
  const apis = `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:*`;
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'ApisOfTheAccount',
        principals: [new AnyPrincipal()],
        actions: ['execute-api:Invoke'],
        resources: [`${apis}/${stageName}/*`],
      }),
    ],
  });
}
