import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { AssetName } from '../domain/asset-name.ts';
import type { EmailAddress, TokenId } from '../domain/ids.ts';
import type { IssueHistory, Ledger } from '../domain/ports.ts';
import type { LedgerEntry } from '../domain/records.ts';
import { callService, errorName } from './service-fault.ts';

const PORT = 'ledger';
const DAY_SECONDS = 86_400;

/** The history of every token: key `tokenId` and `timeEvent`, an ISO time and the event. Appended to, never changed. */
export class DynamoLedger implements Ledger, IssueHistory {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: string;
  readonly #retentionDays: number;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    options: { readonly table: string; readonly retentionDays: number },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#retentionDays = options.retentionDays;
  }

  async append({ at, ...entry }: LedgerEntry): Promise<void> {
    const written = Math.floor(at.getTime() / 1000);
    try {
      await callService(PORT, () =>
        this.#client.send(
          new PutCommand({
            TableName: this.#table,
            Item: {
              ...entry,
              timeEvent: `${at.toISOString()}#${entry.event}`,
              removeAt: written + this.#retentionDays * DAY_SECONDS,
            },
            ConditionExpression: 'attribute_not_exists(tokenId)',
          }),
        ),
      );
    } catch (error) {
      // The same line is there already: a repetition of this put, or of what it notes.
      if (errorName(error) !== 'ConditionalCheckFailedException') throw error;
    }
  }

  async recipientOf(
    tokenId: TokenId,
  ): Promise<{ readonly asset: AssetName; readonly address: EmailAddress } | undefined> {
    const { Items } = await callService(PORT, () =>
      this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'tokenId = :tokenId',
          FilterExpression: '#event = :issued',
          ExpressionAttributeNames: { '#event': 'event' },
          ExpressionAttributeValues: { ':tokenId': tokenId, ':issued': 'issued' },
        }),
      ),
    );
    const issued = Items?.[0] as { asset: AssetName; address?: EmailAddress } | undefined;
    return issued?.address === undefined ? undefined : { asset: issued.asset, address: issued.address };
  }
}
