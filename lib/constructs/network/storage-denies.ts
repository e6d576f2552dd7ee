import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/** Marks the roles of functions. Tables cannot name the roles, which name the tables. */
export const FUNCTION_TAG = 'tvm:function';

/**
 * Denies these roles every way to the bucket but through these endpoints. A presigned URL carries its signer's role, so it
 * works nowhere else either. Operators, the scanner, and clean-up have other roles.
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
 * Denies the tagged roles of this stack every way to a table but through an endpoint in the VPC. It names the VPC, because the
 * policy of the endpoint names the table.
 */
export function denyTableFromOutside(table: Table, stackName: string, vpcId: string): void {
  table.addToResourcePolicy(
    new PolicyStatement({
      sid: 'FunctionsOnlyFromTheVpc',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['dynamodb:*'],
      // The policy cannot name the table that it is part of.
      resources: ['*'],
      conditions: {
        StringEquals: { [`aws:PrincipalTag/${FUNCTION_TAG}`]: stackName },
        StringNotEquals: { 'aws:SourceVpc': vpcId },
      },
    }),
  );
}
