import type { Account } from '../account.ts';
import { type Check, fine, problem, REVERT_DRIFT } from '../finding.ts';

/** Checks that the bucket is private, versioned, and encrypted with a KMS key. */
export function bucketCheck(account: Pick<Account, 'bucket'>, name: string): Check {
  return {
    name: 'bucket',
    permissions: ['s3:GetBucketPublicAccessBlock', 's3:GetBucketVersioning', 's3:GetEncryptionConfiguration'],
    look: async () => {
      const { blocked, versioned, encryption } = await account.bucket(name);
      const again = `Find out who changed the bucket. ${REVERT_DRIFT}`;
      const found = [
        ...(blocked ? [] : [problem('bucket', 'public access is not blocked', again)]),
        ...(versioned
          ? []
          : [problem('bucket', 'is not versioned, so links cannot be tied to one version', again)]),
        ...(encryption === 'aws:kms'
          ? []
          : [problem('bucket', `is not encrypted with the key of the stack (${encryption})`, again)]),
      ];
      return found.length > 0 ? found : [fine('bucket', 'public access blocked, versioned, encrypted')];
    },
  };
}
