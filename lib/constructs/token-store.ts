import { ProjectionType, StreamViewType, type Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { dataTable, type StreamSettings, streamOf, type TableSettings, text } from './data-table.ts';

/**
 * The ledger's indexes, in the order in which they were added. CloudFormation can add only one index per update to an
 * existing table. Only a link's first entry has an `issuedMonth`.
 */
export const LEDGER_INDEXES = [
  { name: 'byAsset', attribute: 'asset' },
  { name: 'byPseudonym', attribute: 'pseudonym' },
  { name: 'byMonth', attribute: 'issuedMonth' },
] as const;

/** Creates the five tables for links that docs/protocol.md describes. */
export class TokenStore extends Construct {
  /** Records of live tokens. */
  readonly tokens: Table;
  /** Receipts of ended tokens. They decide who redeemed. */
  readonly receipts: Table;
  /** The ledger. Entries are only appended. */
  readonly ledger: Table;
  /** Counters behind the rate limits, and the rows of second chances. */
  readonly quota: Table;
  /** Plans, which a request for links shares with its retries. */
  readonly plans: Table;
  readonly all: readonly Table[];

  constructor(scope: Construct, id: string, { events, ...settings }: TableSettings & StreamSettings) {
    super(scope, id);
    const stream = (view: StreamViewType) => streamOf({ events }, view);
    const table = (
      logicalId: string,
      props: Pick<TableProps, 'partitionKey' | 'sortKey' | 'timeToLiveAttribute' | 'stream'>,
    ) => dataTable(this, logicalId, { ...settings, ...props });
    this.tokens = table('TokenTable', {
      partitionKey: text('tokenId'),
      timeToLiveAttribute: 'expiresAt',
      // When TTL removes a row, only the old image contains it.
      ...stream(StreamViewType.NEW_AND_OLD_IMAGES),
    });
    this.receipts = table('ReceiptTable', {
      partitionKey: text('tokenId'),
      timeToLiveAttribute: 'removeAt',
      ...stream(StreamViewType.NEW_IMAGE),
    });
    this.quota = table('QuotaTable', { partitionKey: text('counter'), timeToLiveAttribute: 'expiresAt' });
    this.plans = table('IssueTable', { partitionKey: text('requestName'), timeToLiveAttribute: 'removeAt' });
    this.ledger = table('LedgerTable', {
      partitionKey: text('tokenId'),
      sortKey: text('timeEvent'),
      timeToLiveAttribute: 'removeAt',
      ...stream(StreamViewType.NEW_IMAGE),
    });
    this.all = [this.tokens, this.receipts, this.quota, this.plans, this.ledger];
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
