import type { Deployment } from '../tvm/deployment.ts';
import type { Account } from './account.ts';
import { type ApiProbe, apiCheck } from './checks/api.ts';
import { queueCheck } from './checks/queues.ts';
import { tablesCheck } from './checks/tables.ts';
import { type Check, fine, skipped } from './finding.ts';
import { queuesOf, tablesOf } from './parts.ts';

/** The state that can be read in local mode. */
export interface LocalAccount extends Pick<Account, 'table' | 'queue'> {
  /** Throws if the key cannot compute a MAC. */
  useKey(id: string): Promise<void>;
  /** Throws if the bucket does not exist. */
  headBucket(name: string): Promise<void>;
}

/** The checks that need AWS, and why local mode skips them. */
const ONLY_ON_AWS = [
  ['stack', 'local mode has none'],
  ['SES account', 'only AWS has a sandbox, a quota, and a sender; local mode keeps e-mails in its inbox'],
  ['malware scan', 'local mode prints at startup which scanner it uses'],
  ['alarms', 'local mode has none'],
  ['logs', 'local mode keeps them in files forever'],
  ['protection', 'only AWS has TTL, backups, and deletion protection'],
] as const;

/** Returns the checks for local mode. The last one lists the checks that are skipped. */
export function localChecks(
  account: LocalAccount,
  deployment: Deployment,
  probe: ApiProbe,
): readonly Check[] {
  const { signingKeyId, pseudonymKeyId, bucket } = deployment;
  return [
    apiCheck(probe),
    {
      name: 'keys',
      permissions: ['kms:GenerateMac'],
      look: async () => {
        await Promise.all([signingKeyId, pseudonymKeyId].map((id) => account.useKey(id)));
        return [fine('keys', '2 usable')];
      },
    },
    tablesCheck(account, tablesOf(deployment), async () => undefined),
    {
      name: 'bucket',
      permissions: ['s3:ListBucket'],
      look: async () => {
        await account.headBucket(bucket);
        return [fine('bucket', 'exists')];
      },
    },
    ...queuesOf(deployment).map((wanted) => queueCheck(account, wanted)),
    {
      name: 'AWS',
      permissions: [],
      look: async () => ONLY_ON_AWS.map(([check, found]) => skipped(check, found)),
    },
  ];
}
