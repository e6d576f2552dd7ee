import { DescribeKeyCommand, type KMSClient, NotFoundException } from '@aws-sdk/client-kms';
import {
  paginateGetResources,
  type ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { STACK_TAG, STAGE_TAG } from '../../lib/tags.ts';

/** A resource that carries the tags of a deployment. */
export interface TaggedResource {
  readonly arn: string;
  /** The stage that it was deployed as. */
  readonly stage: string | undefined;
}

/** What becomes of a KMS key. */
export type KeyState =
  | { readonly kind: 'pending-deletion'; readonly deletedAt: Date | undefined }
  | { readonly kind: 'gone' }
  | { readonly kind: 'in-service' };

/** What there is to see in one region of an account. */
export interface Account {
  /** Everything with the tag of a stack, in no order. The index behind it lags behind by minutes. */
  resourcesOf(stackName: string): Promise<readonly TaggedResource[]>;
  stateOfKey(arn: string): Promise<KeyState>;
}

/**
 * An account as AWS shows it.
 *
 * @see https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
export function awsAccount(clients: {
  readonly tagging: ResourceGroupsTaggingAPIClient;
  readonly kms: KMSClient;
}): Account {
  return {
    resourcesOf: async (stackName) => {
      const TagFilters = [{ Key: STACK_TAG, Values: [stackName] }];
      const found: TaggedResource[] = [];
      for await (const page of paginateGetResources({ client: clients.tagging }, { TagFilters })) {
        for (const { ResourceARN: arn, Tags = [] } of page.ResourceTagMappingList ?? []) {
          const stage = Tags.find(({ Key }) => Key === STAGE_TAG)?.Value;
          if (arn !== undefined) found.push({ arn, stage });
        }
      }
      return found;
    },
    stateOfKey: async (arn) => {
      try {
        const { KeyMetadata } = await clients.kms.send(new DescribeKeyCommand({ KeyId: arn }));
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
