import type { Account } from '../account.ts';
import { type Check, fine, problem } from '../finding.ts';

/** Whether the files are shut away, encrypted, and can be brought back. */
export function bucketCheck(account: Pick<Account, 'bucket'>, name: string): Check {
  return {
    name: 'bucket',
    rights: ['s3:GetBucketPublicAccessBlock', 's3:GetBucketVersioning', 's3:GetEncryptionConfiguration'],
    look: async () => {
      const { blocked, versioned, encryption } = await account.bucket(name);
      const again = 'Deploy the stack again, and find out who changed it.';
      const found = [
        ...(blocked ? [] : [problem('bucket', 'is not blocked for the public', again)]),
        ...(versioned ? [] : [problem('bucket', 'keeps no versions: links cannot hold to one', again)]),
        ...(encryption === 'aws:kms'
          ? []
          : [problem('bucket', `is not encrypted with the key of the stack (${encryption})`, again)]),
      ];
      return found.length > 0 ? found : [fine('bucket', 'blocked for the public, versioned, encrypted')];
    },
  };
}
