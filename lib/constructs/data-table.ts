import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type StreamViewType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StageName } from '../config.ts';
import { setLogicalId } from './logical-id.ts';

export interface TableSettings {
  readonly stage: StageName;
  readonly key: Key;
}

/** Returns a key attribute of type string. */
export const text = (name: string) => ({ name, type: AttributeType.STRING });

/** Whether writes are published as events. If so, the tables with published writes have streams. */
export interface StreamSettings {
  readonly events: boolean;
}

/** Returns a table's stream setting, with the images that events are made from, or no setting if events are off. */
export function streamOf({ events }: StreamSettings, stream: StreamViewType): Pick<TableProps, 'stream'> {
  return events ? { stream } : {};
}

/**
 * Creates a table. In `prod`, it has point-in-time recovery and outlives the stack. It is an `AWS::DynamoDB::Table`,
 * not a global table, because replicas are last-writer-wins and a conditional write must have one winner. It also maps
 * one to one to CreateTable, which local mode uses.
 */
export function dataTable(
  scope: Construct,
  logicalId: string,
  {
    stage,
    key,
    ...props
  }: TableSettings & Pick<TableProps, 'partitionKey' | 'sortKey' | 'timeToLiveAttribute' | 'stream'>,
): Table {
  const kept = stage === 'prod';
  const table = new Table(scope, logicalId, {
    ...props,
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: kept },
    deletionProtection: kept,
    // Not RetainExceptOnCreate: DynamoDB refuses to delete a protected table, so the rollback itself would fail.
    removalPolicy: kept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  if (!kept) {
    Validations.of(table).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: 'A dev stack is destroyed with its data. Tables of prod can be restored to a point in time.',
    });
  }
  setLogicalId(table, logicalId);
  return table;
}
