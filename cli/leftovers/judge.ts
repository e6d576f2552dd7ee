import type { Account, TaggedResource } from './account.ts';

/** Something that a destroyed stack left behind, and whether it should have. */
export interface Leftover {
  readonly arn: string;
  /** As a person calls it, such as `KMS key`. */
  readonly kind: string;
  readonly expected: boolean;
  readonly reason: string;
}

/** What `stage: prod` retains, by the beginning of what an ARN names; see lib/removal.ts. */
const KEPT_IN_PROD: Readonly<Record<string, string>> = {
  'dynamodb:table': 'DynamoDB table',
  'kms:key': 'KMS key',
  'logs:log-group': 'log group',
  's3:bucket': 'bucket',
  'ses:identity': 'SES identity',
};

/** What else a stack of ours has that can be tagged. */
const NEVER_KEPT: Readonly<Record<string, string>> = {
  'apigateway:restapis': 'API',
  'cloudformation:stack': 'stack',
  'cloudwatch:alarm': 'alarm',
  'cloudwatch:dashboard': 'dashboard',
  'events:rule': 'event rule',
  'lambda:event-source-mapping': 'event source mapping',
  'lambda:function': 'function',
  'ses:configuration-set': 'SES configuration set',
  'sns:topic': 'topic',
  'sqs:queue': 'queue',
};

/**
 * Looks at everything that carries the tag of a stack that was destroyed.
 *
 * @returns what is left, what should not be first; nothing if all is gone
 */
export async function findLeftovers(account: Account, stackName: string): Promise<readonly Leftover[]> {
  const resources = await account.resourcesOf(stackName);
  const judged = await Promise.all(resources.map((resource) => judge(resource, account)));
  return judged
    .filter((leftover) => leftover !== undefined)
    .toSorted(
      (left, right) => Number(left.expected) - Number(right.expected) || left.arn.localeCompare(right.arn),
    );
}

async function judge({ arn, stage }: TaggedResource, account: Account): Promise<Leftover | undefined> {
  const type = typeOf(arn);
  const kind = KEPT_IN_PROD[type] ?? NEVER_KEPT[type] ?? type;
  const leftover = (expected: boolean, reason: string): Leftover => ({ arn, kind, expected, reason });

  if (type === 'kms:key') {
    const state = await account.stateOfKey(arn);
    if (state.kind === 'gone') return undefined;
    if (state.kind === 'pending-deletion') {
      const day = state.deletedAt?.toISOString().slice(0, 10) ?? 'a day that AWS does not tell';
      return leftover(true, `AWS deletes it on ${day}: a key waits, and costs nothing while it does`);
    }
  }
  if (type === 'cloudformation:stack') {
    return leftover(
      false,
      'the stack is still there: run npx cdk destroy, and read its events if that failed',
    );
  }
  if (type === 'iam:role' && arn.includes('ApiLogRole')) {
    return leftover(true, 'apiLogRole: all APIs of the account and region may be logging with it');
  }
  if (stage === 'prod' && type in KEPT_IN_PROD) return leftover(true, 'stage prod keeps its data');
  return leftover(false, 'should have gone with the stack, unless that was minutes ago');
}

/** The service and the kind of thing, such as `logs:log-group`; an S3 bucket and a queue name no kind in their ARNs. */
function typeOf(arn: string): string {
  const [, , service = '', , , ...rest] = arn.split(':');
  const [kind = ''] = rest
    .join(':')
    .split(/[:/]/)
    .filter((part) => part !== '');
  const unnamed: Readonly<Record<string, string>> = { s3: 'bucket', sqs: 'queue', sns: 'topic' };
  return `${service}:${unnamed[service] ?? kind}`;
}
