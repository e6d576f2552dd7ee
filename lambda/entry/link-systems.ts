import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DynamoUploadLinkHistory } from '../adapters/dynamo-upload-link-history.ts';
import { DynamoUploadLinks } from '../adapters/dynamo-upload-links.ts';
import type { optionalUploadLinks, uploadLinks, Values } from '../environment/groups.ts';
import { uploadTables } from './upload-systems.ts';

type LinkTables = Values<typeof uploadLinks>;

/** Opens the tables of uploads and upload links, under the names that the domain expects. */
export function linkTables(client: DynamoDBDocumentClient, environment: LinkTables) {
  const retentionDays = environment.LEDGER_RETENTION_DAYS;
  const history = { table: environment.UPLOAD_HISTORY_TABLE, retentionDays };
  return {
    ...uploadTables(client, environment),
    links: new DynamoUploadLinks(client, { table: environment.UPLOAD_LINK_TABLE, retentionDays }),
    linkHistory: new DynamoUploadLinkHistory(client, history),
  };
}

/** Opens the tables like {@link linkTables}; returns `undefined` if uploads are turned off. */
export function optionalLinkTables(
  client: DynamoDBDocumentClient,
  environment: Values<typeof optionalUploadLinks> & Pick<LinkTables, 'LEDGER_RETENTION_DAYS'>,
): ReturnType<typeof linkTables> | undefined {
  const { UPLOAD_LINK_TABLE, UPLOAD_TABLE, UPLOAD_HISTORY_TABLE, LEDGER_RETENTION_DAYS } = environment;
  if (UPLOAD_LINK_TABLE === undefined || UPLOAD_TABLE === undefined || UPLOAD_HISTORY_TABLE === undefined) {
    return undefined;
  }
  return linkTables(client, { UPLOAD_LINK_TABLE, UPLOAD_TABLE, UPLOAD_HISTORY_TABLE, LEDGER_RETENTION_DAYS });
}
