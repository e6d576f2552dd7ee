import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The tables of a deployment, and a client with the operator's permissions. */
export interface Tables {
  readonly client: DynamoDBDocumentClient;
  readonly tokenTable: string;
  readonly receiptTable: string;
  readonly ledgerTable: string;
  readonly quotaTable: string;
  /** Absent if the deployment does not accept uploads. */
  readonly uploadLinkTable?: string | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Number of tokens that are read or changed at the same time. An on-demand table handles far more. */
export const TOKENS_AT_ONCE = 16;
