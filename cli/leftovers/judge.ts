import type { Account, TaggedResource } from './account.ts';

/** A resource that a destroyed stack left behind. `tvm leftovers --json` prints an array of these. */
export interface Leftover {
  readonly arn: string;
  /** The readable name of its type, such as `KMS key`. */
  readonly kind: string;
  /** Whether the stack leaves it behind on purpose. */
  readonly expected: boolean;
  readonly reason: string;
}

/** The types that `stage: prod` retains (lib/removal.ts), keyed by the result of `typeOf`. */
const KEPT_IN_PROD: Readonly<Record<string, string>> = {
  'dynamodb:table': 'DynamoDB table',
  'kms:key': 'KMS key',
  'logs:log-group': 'log group',
  's3:bucket': 'bucket',
  'ses:identity': 'SES identity',
};

/** All other types of tagged resources in the stack. */
const NEVER_KEPT: Readonly<Record<string, string>> = {
  'apigateway:domainnames': 'domain name',
  'apigateway:restapis': 'API',
  'cloudfront:distribution': 'distribution',
  'cloudformation:stack': 'stack',
  'cloudtrail:trail': 'trail',
  'cloudwatch:alarm': 'alarm',
  'cloudwatch:dashboard': 'dashboard',
  'events:rule': 'event rule',
  'lambda:event-source-mapping': 'event source mapping',
  'lambda:function': 'function',
  'ses:configuration-set': 'SES configuration set',
  'sns:topic': 'topic',
  'sqs:queue': 'queue',
};

/** Returns the remaining resources of a destroyed stack, unexpected ones first. */
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
      const day = state.deletedAt?.toISOString().slice(0, 10) ?? 'an unknown day';
      return leftover(true, `AWS will delete it on ${day}; until then, it costs nothing`);
    }
  }
  if (type === 'cloudformation:stack') {
    return leftover(
      false,
      'the stack still exists: run npx cdk destroy; if that fails, check the events of the stack',
    );
  }
  if (type === 'iam:role' && arn.includes('ApiLogRole')) {
    return leftover(true, 'apiLogRole: other APIs in this account and region may use it to write their logs');
  }
  if (stage === 'prod' && type in KEPT_IN_PROD) return leftover(true, 'stage prod retains its data');
  return leftover(
    false,
    'should have been deleted with the stack; if that was only minutes ago, check again later',
  );
}

/** Returns an ARN's service and type, such as `logs:log-group`. ARNs of buckets, queues, and topics have no type. */
function typeOf(arn: string): string {
  const [, , service = '', , , ...rest] = arn.split(':');
  const [kind = ''] = rest
    .join(':')
    .split(/[:/]/)
    .filter((part) => part !== '');
  const unnamed: Readonly<Record<string, string>> = { s3: 'bucket', sqs: 'queue', sns: 'topic' };
  return `${service}:${unnamed[service] ?? kind}`;
}
