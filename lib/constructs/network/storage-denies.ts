import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/** Tag of the functions' roles. Policies of tables cannot name the roles, because the roles name the tables. */
export const FUNCTION_TAG = 'tvm:function';

/**
 * Denies these roles all access to the bucket except through these endpoints. A presigned URL carries its signer's
 * role, so it works only through these endpoints, too. Operators, the scanner, and the CDK's cleanup have other roles.
 */
export function denyBucketFromOutside(
  bucket: Bucket,
  roles: readonly string[],
  endpointIds: readonly string[],
): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'FunctionsOnlyThroughEndpoints',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:*'],
      resources: [bucket.bucketArn, bucket.arnForObjects('*')],
      conditions: {
        ArnEquals: { 'aws:PrincipalArn': [...roles] },
        StringNotEquals: { 'aws:SourceVpce': [...endpointIds] },
      },
    }),
  );
}

/**
 * Denies the tagged roles of this stack all access to a table except through an endpoint in the VPC. The policy names
 * the VPC instead of the endpoint, because the endpoint's policy names the table.
 */
export function denyTableFromOutside(table: Table, stackName: string, vpcId: string): void {
  table.addToResourcePolicy(
    new PolicyStatement({
      sid: 'FunctionsOnlyFromTheVpc',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['dynamodb:*'],
      // The policy is part of the table, so naming the table would be a circular reference.
      resources: ['*'],
      conditions: {
        StringEquals: { [`aws:PrincipalTag/${FUNCTION_TAG}`]: stackName },
        StringNotEquals: { 'aws:SourceVpc': vpcId },
      },
    }),
  );
}
