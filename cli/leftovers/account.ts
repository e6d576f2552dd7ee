import { DescribeKeyCommand, type KMSClient, NotFoundException } from '@aws-sdk/client-kms';
import {
  paginateGetResources,
  type ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { STACK_TAG, STAGE_TAG } from '../../lib/tags.ts';

/** A resource that carries the tags of a deployment. */
export interface TaggedResource {
  readonly arn: string;
  /** The stage that the stack was deployed with. */
  readonly stage: string | undefined;
}

/** Whether a KMS key still exists. */
export type KeyState =
  | { readonly kind: 'pending-deletion'; readonly deletedAt: Date | undefined }
  | { readonly kind: 'gone' }
  | { readonly kind: 'in-service' };

export interface Account {
  /** Returns all resources with a stack's tag, in no particular order. The tag index lags by minutes. */
  resourcesOf(stackName: string): Promise<readonly TaggedResource[]>;
  stateOfKey(arn: string): Promise<KeyState>;
}

/**
 * Returns an account that reads from AWS.
 *
 * @param signal aborted by Ctrl-C
 * @see https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
export function awsAccount(
  { tagging: client, kms }: { readonly tagging: ResourceGroupsTaggingAPIClient; readonly kms: KMSClient },
  signal: AbortSignal,
): Account {
  return {
    resourcesOf: async (stackName) => {
      const TagFilters = [{ Key: STACK_TAG, Values: [stackName] }];
      const found: TaggedResource[] = [];
      const pages = paginateGetResources({ client }, { TagFilters }, { abortSignal: signal });
      for await (const page of pages) {
        for (const { ResourceARN: arn, Tags = [] } of page.ResourceTagMappingList ?? []) {
          const stage = Tags.find(({ Key }) => Key === STAGE_TAG)?.Value;
          if (arn !== undefined) found.push({ arn, stage });
        }
      }
      return found;
    },
    stateOfKey: async (arn) => {
      try {
        const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: arn }), {
          abortSignal: signal,
        });
        return KeyMetadata?.KeyState === 'PendingDeletion'
          ? { kind: 'pending-deletion', deletedAt: KeyMetadata.DeletionDate }
          : { kind: 'in-service' };
      } catch (error) {
        if (error instanceof NotFoundException) return { kind: 'gone' };
        throw error;
      }
    },
  };
}
