import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { StageName } from '../config.ts';
import { setLogicalId } from './logical-id.ts';

export interface TokenStoreProps {
  readonly stage: StageName;
  readonly key: Key;
}

const text = (name: string) => ({ name, type: AttributeType.STRING });

/**
 * Lists the indexes by which the ledger can be read back, oldest first. Only the first entry of a link has a month.
 * CloudFormation can add one index per update to an existing table.
 */
export const LEDGER_INDEXES = [
  { name: 'byAsset', attribute: 'asset' },
  { name: 'byPseudonym', attribute: 'pseudonym' },
  { name: 'byMonth', attribute: 'issuedMonth' },
] as const;

/**
 * Creates the five tables of docs/protocol.md. They are plain `AWS::DynamoDB::Table`, not global tables: replicas are
 * last-writer-wins, and a token must have one winner. They also map one to one to CreateTable, which local mode uses to
 * make the same tables.
 */
export class TokenStore extends Construct {
  /** Holds the records of live tokens. */
  readonly tokens: Table;
  /** Holds the receipts of ended tokens, which decide who redeemed. */
  readonly receipts: Table;
  /** Holds the history. Entries are only appended. */
  readonly ledger: Table;
  /** Holds the counters. */
  readonly quota: Table;
  /** Holds what a request for links and its retries share. */
  readonly plans: Table;

  constructor(scope: Construct, id: string, { stage, key }: TokenStoreProps) {
    super(scope, id);
    const kept = stage === 'prod';
    const table = (
      logicalId: string,
      props: Pick<TableProps, 'partitionKey' | 'sortKey' | 'timeToLiveAttribute'>,
    ) => {
      const created = new Table(this, logicalId, {
        ...props,
        billingMode: BillingMode.PAY_PER_REQUEST,
        encryption: TableEncryption.CUSTOMER_MANAGED,
        encryptionKey: key,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: kept },
        deletionProtection: kept,
        // Not RetainExceptOnCreate: DynamoDB refuses to delete a protected table, and the rollback itself would fail.
        removalPolicy: kept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      });
      setLogicalId(created, logicalId);
      return created;
    };

    if (!kept) {
      Validations.of(this).acknowledge({
        id: 'AwsSolutions-DDB3',
        reason: 'A dev stack is destroyed with its data. Tables of prod can be restored to a point in time.',
      });
    }
    this.tokens = table('TokenTable', { partitionKey: text('tokenId'), timeToLiveAttribute: 'expiresAt' });
    this.receipts = table('ReceiptTable', { partitionKey: text('tokenId'), timeToLiveAttribute: 'removeAt' });
    this.quota = table('QuotaTable', { partitionKey: text('counter'), timeToLiveAttribute: 'expiresAt' });
    this.plans = table('IssueTable', { partitionKey: text('requestName'), timeToLiveAttribute: 'removeAt' });
    this.ledger = table('LedgerTable', {
      partitionKey: text('tokenId'),
      sortKey: text('timeEvent'),
      timeToLiveAttribute: 'removeAt',
    });
    for (const { name: indexName, attribute } of LEDGER_INDEXES) {
      this.ledger.addGlobalSecondaryIndex({
        indexName,
        partitionKey: text(attribute),
        sortKey: text('timeEvent'),
        projectionType: ProjectionType.ALL,
      });
    }
  }
}
