import { AttributeType, ProjectionType, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { dataTable, type TableSettings } from './data-table.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** The index by which the sweep and operators find uploads: by what is left to do, those due longest first. */
const BY_PILE = 'byPile';

/** Creates the two tables of uploads. */
export class UploadStore extends Construct {
  /** Holds each session, and the object that it becomes. */
  readonly uploads: Table;
  /** Holds what happened to each upload. Lines are only appended. */
  readonly history: Table;
  /** The ARN of the index of `uploads`. */
  readonly byPileArn: string;

  constructor(scope: Construct, id: string, settings: TableSettings) {
    super(scope, id);
    const removed = { ...settings, timeToLiveAttribute: 'removeAt' };
    this.uploads = dataTable(this, 'UploadTable', { ...removed, partitionKey: text('uploadId') });
    this.uploads.addGlobalSecondaryIndex({
      indexName: BY_PILE,
      partitionKey: text('pile'),
      sortKey: { name: 'dueAt', type: AttributeType.NUMBER },
      projectionType: ProjectionType.ALL,
    });
    this.byPileArn = `${this.uploads.tableArn}/index/${BY_PILE}`;
    this.history = dataTable(this, 'UploadHistoryTable', {
      ...removed,
      partitionKey: text('uploadId'),
      sortKey: text('timeEvent'),
    });
  }
}
