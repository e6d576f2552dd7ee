import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The tables of a deployment, and a client with the operator's rights. */
export interface Tables {
  readonly client: DynamoDBDocumentClient;
  readonly tokenTable: string;
  readonly receiptTable: string;
  readonly ledgerTable: string;
  readonly quotaTable: string;
  /** Absent if the deployment takes no uploads. */
  readonly uploadLinkTable?: string | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** How many tokens are read or changed at once. An on-demand table takes far more. */
export const TOKENS_AT_ONCE = 16;
