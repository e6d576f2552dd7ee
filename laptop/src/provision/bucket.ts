import { z } from 'zod';
import type { StackModel, StackResource } from '../template/stack-model.ts';

/** Creates buckets. */
export interface BucketMaker {
  createBucket(
    name: string,
    options: { readonly versioned: boolean; readonly defaultKmsKeyArn?: string },
  ): unknown;
}

const Properties = z.object({
  VersioningConfiguration: z.object({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  BucketEncryption: z
    .object({
      ServerSideEncryptionConfiguration: z.array(
        z.object({
          ServerSideEncryptionByDefault: z.object({ KMSMasterKeyID: z.string().optional() }).optional(),
        }),
      ),
    })
    .optional(),
});

/** Creates a bucket, or keeps the existing one. */
export async function provisionBucket(
  model: StackModel,
  resource: StackResource,
  s3: BucketMaker,
): Promise<void> {
  const { VersioningConfiguration, BucketEncryption } = model.read(resource, Properties);
  const [rule] = BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
  const defaultKmsKeyArn = rule?.ServerSideEncryptionByDefault?.KMSMasterKeyID;
  await s3.createBucket(model.refOf(resource), {
    versioned: VersioningConfiguration?.Status === 'Enabled',
    ...(defaultKmsKeyArn === undefined ? {} : { defaultKmsKeyArn }),
  });
}
