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
 * By what the ledger can be read back, oldest first. Only the line with which a link begins has a month. CloudFormation
 * adds one index an update to a table that is there.
 */
export const LEDGER_INDEXES = [
  { name: 'byAsset', attribute: 'asset' },
  { name: 'byPseudonym', attribute: 'pseudonym' },
  { name: 'byMonth', attribute: 'issuedMonth' },
] as const;

/**
 * The five tables of docs/protocol.md. Plain `AWS::DynamoDB::Table`, not a global table: replicas are
 * last-writer-wins, and a token must have one winner. It also maps one to one to CreateTable, which is how the
 * laptop makes the same tables.
 */
export class TokenStore extends Construct {
  /** What is still redeemable. */
  readonly tokens: Table;
  /** What has ended: decides who redeemed. */
  readonly receipts: Table;
  /** The history; appended to only. */
  readonly ledger: Table;
  /** Counters. */
  readonly quota: Table;
  /** What the repetitions of a request for links have in common. */
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
        reason: 'The stage is dev: it is destroyed with all it holds. Tables of prod can be restored.',
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
