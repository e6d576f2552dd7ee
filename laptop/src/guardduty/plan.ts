import { z } from 'zod';
import type { ServiceRole } from '../iam/stack-policies.ts';
import type { StackModel } from '../template/stack-model.ts';

export interface MalwareProtectionPlan {
  readonly logicalId: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly bucketName: string;
  /** Key prefixes of the objects that are scanned. Empty if the whole bucket is scanned. */
  readonly prefixes: readonly string[];
  /** `ENABLED` if objects are tagged with their verdicts. */
  readonly tagging: 'ENABLED' | 'DISABLED';
}

const Properties = z.object({
  Role: z.string(),
  ProtectedResource: z.object({
    S3Bucket: z.object({ BucketName: z.string(), ObjectPrefixes: z.array(z.string()).default([]) }),
  }),
  Actions: z
    .object({ Tagging: z.object({ Status: z.enum(['ENABLED', 'DISABLED']) }) })
    .default({ Tagging: { Status: 'DISABLED' } }),
});

/** Reads the template's Malware Protection plans. */
export const readPlans = (model: StackModel): readonly MalwareProtectionPlan[] =>
  model.ofType('AWS::GuardDuty::MalwareProtectionPlan').map((resource) => {
    const { Role, ProtectedResource, Actions } = model.read(resource, Properties);
    const { BucketName, ObjectPrefixes } = ProtectedResource.S3Bucket;
    return {
      logicalId: resource.logicalId,
      arn: resource.physical?.attributes.Arn ?? '',
      roleArn: Role,
      bucketName: BucketName,
      prefixes: ObjectPrefixes,
      tagging: Actions.Tagging.Status,
    };
  });

/**
 * Returns a plan's role and the name of GuardDuty's role session.
 *
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/tag-based-access-s3-malware-protection.html
 */
export const roleOf = ({ logicalId, roleArn }: MalwareProtectionPlan): ServiceRole => ({
  name: logicalId,
  roleArn,
  sessionName: 'GuardDutyMalwareProtection',
});
