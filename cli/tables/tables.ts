import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The tables of one deployment, and the client that reads and writes them with the operator's own rights. */
export interface Tables {
  readonly client: DynamoDBDocumentClient;
  readonly tokenTable: string;
  readonly receiptTable: string;
  readonly ledgerTable: string;
  readonly quotaTable: string;
  /** Aborted by Ctrl-C: what is asked for then is not waited for. */
  readonly signal: AbortSignal;
}

/** How many tokens are looked at, or changed, at once: fast enough, and far below what a table on demand takes. */
export const TOKENS_AT_ONCE = 16;
