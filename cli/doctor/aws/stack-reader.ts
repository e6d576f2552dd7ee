import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { STAGE_TAG } from '../../../lib/tags.ts';
import type { ClientSettings } from '../../tvm/connection.ts';
import type { StackFacts } from '../account.ts';

/**
 * Reads the stack that a resource belongs to, and compares this computer's clock with AWS's.
 *
 * @param resource the physical ID of any resource in the stack
 */
export async function readStack(
  settings: ClientSettings,
  resource: string,
  now: () => Date,
): Promise<StackFacts> {
  const client = new CloudFormationClient(settings);
  let clockAheadSeconds = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      clockAheadSeconds = secondsAhead(now(), result.response) ?? clockAheadSeconds;
      return result;
    },
    { step: 'deserialize', name: 'compareClocks' },
  );
  try {
    const found = await client.send(new DescribeStackResourcesCommand({ PhysicalResourceId: resource }));
    const StackName = found.StackResources?.[0]?.StackName;
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    const resources = new Map<string, string[]>();
    for await (const { StackResourceSummaries = [] } of paginateListStackResources(
      { client },
      { StackName },
    )) {
      for (const { ResourceType = '', PhysicalResourceId: id } of StackResourceSummaries) {
        if (id !== undefined) resources.set(ResourceType, [...(resources.get(ResourceType) ?? []), id]);
      }
    }
    return {
      status: Stacks[0]?.StackStatus ?? 'unknown',
      stage: Stacks[0]?.Tags?.find(({ Key }) => Key === STAGE_TAG)?.Value,
      resources,
      clockAheadSeconds,
    };
  } finally {
    client.destroy();
  }
}

/** Returns how many seconds a clock is ahead of the `date` header, whose resolution is one second. */
function secondsAhead(here: Date, response: unknown): number | undefined {
  const { headers = {} } = response as { readonly headers?: Readonly<Record<string, string>> };
  const there = Date.parse(headers.date ?? '');
  return Number.isNaN(there) ? undefined : Math.round((here.getTime() - there) / 1000);
}
