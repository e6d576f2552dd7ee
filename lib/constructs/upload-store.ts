import { AttributeType, ProjectionType, StreamViewType, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { dataTable, type StreamSettings, streamOf, type TableSettings, text } from './data-table.ts';

/** The index with which the sweep and operators find uploads by what is left to do, most overdue first. */
const BY_PILE = 'byPile';

/** The index by which a tenant's links are listed. */
const BY_TENANT = 'byTenant';

/** The index of links whose inviter has yet to be notified of the files, sorted by the links' end times. */
const BY_END = 'byEnd';

/** Creates the tables of uploads and upload links. */
export class UploadStore extends Construct {
  /** Sessions, and the objects that they become. */
  readonly uploads: Table;
  /** The history of each upload. Lines are only appended. */
  readonly history: Table;
  readonly links: Table;
  /** The ARN of the index of `uploads`. */
  readonly byPileArn: string;
  /** The ARNs of the indexes of `links`. */
  readonly byTenantArn: string;
  readonly byEndArn: string;
  readonly all: readonly Table[];

  constructor(scope: Construct, id: string, { events, ...settings }: TableSettings & StreamSettings) {
    super(scope, id);
    const removed = { ...settings, timeToLiveAttribute: 'removeAt' };
    this.uploads = dataTable(this, 'UploadTable', {
      ...removed,
      partitionKey: text('uploadId'),
      ...streamOf({ events }, StreamViewType.NEW_IMAGE),
    });
    this.byPileArn = this.#index(this.uploads, BY_PILE, 'pile', 'dueAt');
    this.history = dataTable(this, 'UploadHistoryTable', {
      ...removed,
      partitionKey: text('uploadId'),
      sortKey: text('timeEvent'),
    });
    this.links = dataTable(this, 'UploadLinkTable', { ...removed, partitionKey: text('linkId') });
    this.byTenantArn = this.#index(this.links, BY_TENANT, 'tenant', 'issuedAt');
    this.all = [this.uploads, this.history, this.links];
    this.byEndArn = this.#index(this.links, BY_END, 'outcome', 'endsAt');
  }

  /** Adds an index that contains whole rows and sorts them by a number, and returns its ARN. */
  #index(table: Table, indexName: string, partitionKey: string, sortKey: string): string {
    table.addGlobalSecondaryIndex({
      indexName,
      partitionKey: text(partitionKey),
      sortKey: { name: sortKey, type: AttributeType.NUMBER },
      projectionType: ProjectionType.ALL,
    });
    return `${table.tableArn}/index/${indexName}`;
  }
}
