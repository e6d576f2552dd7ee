import { Aws } from 'aws-cdk-lib';
import { type Condition, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

/*
 * A capability allows each of its functions exactly the calls that the function makes, with statements from this
 * folder. Besides these, functions may only write logs and traces, and use network interfaces if they are in a VPC. The
 * tests in test/infra/permissions.test.ts say what must never be granted.
 */

export function allow(
  actions: string[],
  resources: string[],
  conditions?: Record<string, Condition>,
): PolicyStatement {
  return new PolicyStatement({ actions, resources, ...(conditions && { conditions }) });
}

/** Allows the use of a key only through the service that stores the data (AWS KMS Developer Guide, "kms:ViaService"). */
export function through(service: 'dynamodb' | 's3' | 'sqs', key: IKey, actions: string[]): PolicyStatement {
  return allow(actions, [key.keyArn], {
    StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` },
  });
}

/** Allows signing with an HMAC key. */
export function generateMac(key: IKey): PolicyStatement {
  return allow(['kms:GenerateMac'], [key.keyArn], {
    StringEquals: { 'kms:MacAlgorithm': 'HMAC_SHA_256' },
  });
}
