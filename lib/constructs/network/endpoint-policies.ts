import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** The calls that a group of functions makes through an endpoint. */
export interface EndpointUse {
  /** ARNs of the roles. */
  readonly roles: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/**
 * Returns an endpoint policy that allows only these roles to call these actions on these resources. A presigned URL
 * carries the role that signed it, so the same statement admits recipients. The roles are in a condition because
 * policies of gateway endpoints only support `*` as the principal (AWS PrivateLink Guide, "Control access to VPC
 * endpoints using endpoint policies").
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
 * Returns an endpoint policy that lets anyone in the network call this stage of the account's APIs. It cannot name the
 * API, because the API's own policy names the endpoint. The API's policy decides who may call what.
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
